"""Turns a voice into the motion of a face: windows, sampling, edits, and the keypoints to render."""
