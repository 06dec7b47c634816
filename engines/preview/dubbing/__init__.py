"""Paints new lips into the frames of a video."""
