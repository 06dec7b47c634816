"""From a voice to the motion of a face: windows, sampling, edits, and the keypoints that are rendered."""
