"""How far eyes and lips are open, from LivePortrait's 203 landmarks.

A ratio is a gap divided by a width, so it does not depend on the unit or the size of the face. The indices
are those of LivePortrait's src/utils/retargeting_utils.py: four points around each eye and around the inner
lips.
"""

from __future__ import annotations

import numpy as np

LANDMARKS = 203
EYES = ((6, 18, 0, 12), (30, 42, 24, 36))
"""Per eye: upper lid, lower lid, one corner, the other corner."""
LIPS = (90, 102, 48, 66)
"""Inner upper lip, inner lower lip, one corner of the mouth, the other."""
CLOSED_LIPS = 0.03
"""Lips with a smaller ratio count as closed; the original does not change them."""

_EPSILON = 1e-6


def eye_ratios(landmarks: np.ndarray) -> np.ndarray:
    """(..., 203, 2) landmarks, any unit -> (..., 2) float32: both eyes, 0 closed, about 0.35 open."""
    return np.stack([_ratio(landmarks, eye) for eye in EYES], axis=-1)


def lip_ratio(landmarks: np.ndarray) -> np.ndarray:
    """(..., 203, 2) landmarks, any unit -> (..., 1) float32: 0 closed, about 1 for a round open mouth."""
    return _ratio(landmarks, LIPS)[..., None]


def _ratio(landmarks: np.ndarray, points: tuple[int, int, int, int]) -> np.ndarray:
    places = np.asarray(landmarks, np.float32)
    if places.shape[-2] != LANDMARKS:
        raise ValueError(f"Ratios need {LANDMARKS} landmarks, not {places.shape[-2]}.")
    upper, lower, one, other = (places[..., i, :] for i in points)
    gap = np.linalg.norm(upper - lower, axis=-1)
    return (gap / (np.linalg.norm(one - other, axis=-1) + _EPSILON)).astype(np.float32)
