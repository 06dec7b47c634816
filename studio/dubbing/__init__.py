"""Dubbing jobs: a video of a person and a new voice become the same video with new lips."""
