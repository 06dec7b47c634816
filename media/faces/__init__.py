"""Faces: one small interface and the backends behind it."""

from __future__ import annotations

from functools import cache

from media.faces.face import Face, FaceDetector


@cache
def default_detector() -> FaceDetector:
    """The process's detector; its networks are built when it is first asked for a face."""
    from media.faces.mediapipe_mesh import MediaPipeDetector  # late: it brings MediaPipe with it

    return MediaPipeDetector()


__all__ = ["Face", "FaceDetector", "default_detector"]
