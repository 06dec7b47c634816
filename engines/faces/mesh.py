"""What MediaPipe's 478 points say about a face besides its position."""

from __future__ import annotations

import numpy as np

LEFT_IRIS, RIGHT_IRIS, NOSE_TIP, MOUTH_LEFT, MOUTH_RIGHT = 468, 473, 4, 61, 291
"""Left and right are the picture's sides."""
RIGID = (
    *(1, 2, 4, 5, 6, 168, 197, 195, 98, 327, 94, 19),  # the nose
    *(33, 133, 362, 263, 70, 105, 300, 334, 10, 151, 9, 8),  # eyes, brows and forehead
    *(127, 356, 234, 454),  # the sides of the head
)
"""Landmarks that keep their places on the head while the mouth speaks."""


def mesh_turn(mesh: np.ndarray) -> float:
    """How far the head is turned to the side, in degrees: 0 faces the viewer, 90 is a profile."""
    left, right = np.asarray(mesh[234], np.float64), np.asarray(mesh[454], np.float64)
    width = np.hypot(*(right - left)[:2])
    return float(np.degrees(np.arctan2(abs(right[2] - left[2]), width)))


def mesh_keypoints(mesh: np.ndarray) -> np.ndarray:
    """(478, 2 or 3) mesh in pixels -> (5, 2) float32 eyes, nose and mouth, as InsightFace has them."""
    return np.asarray(mesh, np.float32)[[LEFT_IRIS, RIGHT_IRIS, NOSE_TIP, MOUTH_LEFT, MOUTH_RIGHT], :2]
