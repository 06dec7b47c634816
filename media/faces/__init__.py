"""Face detection: one small interface and its backends."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from media.faces.face import Face, FaceDetector

if TYPE_CHECKING:
    from media.faces.mediapipe_mesh import MediaPipeDetector


def default_detector() -> FaceDetector:
    """The process's detector; its networks are built when it first detects a face."""
    return mesh_detector()


@cache
def mesh_detector() -> MediaPipeDetector:
    """The same, which can also follow a face from frame to frame."""
    from media.faces.mediapipe_mesh import MediaPipeDetector  # late: imports MediaPipe

    return MediaPipeDetector()


__all__ = ["Face", "FaceDetector", "default_detector", "mesh_detector"]
