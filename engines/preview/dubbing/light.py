"""The light on a face, measured on the skin around the mouth."""

from __future__ import annotations

import numpy as np

SKIN = (50, 280, 205, 425, 36, 266, 101, 330, 118, 347, 187, 411, 207, 427, 212, 432, 164, 167, 393)
"""Landmarks on cheeks and upper lip, away from lips, eyes and the rim of the face."""
_AROUND = np.array([[x, y] for x in (-1, 0, 1) for y in (-1, 0, 1)])
DARKEST, BRIGHTEST = 0.1, 4.0
"""Bounds of the light of a frame against the reference's."""


def skin_light(picture: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """(3,) mean of the skin's red, green and blue, 0..255, without its lightest and darkest spots."""
    height, width = picture.shape[:2]
    span = float(np.ptp(landmarks[:, 0]))
    points = landmarks[list(SKIN), None, :2] + _AROUND * (span * 0.012)
    at = np.clip(np.rint(points).astype(int), 0, [width - 1, height - 1])
    spots = picture[at[..., 1], at[..., 0]].mean(axis=1)
    brightness = spots.sum(axis=1)
    middle = np.argsort(brightness)[len(SKIN) // 5 : -(len(SKIN) // 5)]
    return np.asarray(spots[middle].mean(axis=0), np.float32)


def gain(light: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(3,) float32: what colours of the reference are multiplied with to be in the light of a frame."""
    ratio = (light + 2.0) / (reference + 2.0)
    return np.clip(ratio, DARKEST, BRIGHTEST).astype(np.float32)
