"""Face detection: one small interface and its backends."""

from __future__ import annotations

from functools import cache

from media.faces.face import Face, FaceDetector


@cache
def default_detector() -> FaceDetector:
    """The process's detector; its networks are built when it first detects a face."""
    from media.faces.mediapipe_mesh import MediaPipeDetector  # late: imports MediaPipe

    return MediaPipeDetector()


__all__ = ["Face", "FaceDetector", "default_detector"]
