"""The light on a face, measured on the skin around the mouth."""

from __future__ import annotations

import numpy as np

SKIN = (50, 280, 205, 425, 36, 266, 101, 330, 118, 347, 187, 411, 207, 427, 212, 432, 164, 167, 393)
"""Landmarks on cheeks and upper lip, away from lips, eyes and the rim of the face."""
_AROUND = np.array([[x, y] for x in (-1, 0, 1) for y in (-1, 0, 1)])
BRIGHTEST = 4.0
"""The light of a frame against the reference's, at most: an overexposed face says nothing about teeth."""
DIM = 110.0
"""The largest channel of skin, 0..255, below which it is in dim light."""
GREEN, BLUE = (0.45, 1.05), (0.25, 1.05)
"""Bounds of the skin's green and blue against its red in light without a strong tint."""
SKIN_COLOUR = (1.0, 0.72, 0.58)
"""Red, green and blue of usual skin against its red: what skin in tinted light is taken for."""


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


def usual(light: np.ndarray) -> np.ndarray:
    """(3,) float32: what skin of a light (3,) is like in usual light, neither dim nor tinted."""
    red, green, blue = (float(channel) for channel in light)
    plain = GREEN[0] * red <= green <= GREEN[1] * red and BLUE[0] * red <= blue <= BLUE[1] * red
    target = light if plain and red > 0.0 else np.array(SKIN_COLOUR)
    return np.asarray(target * (max(float(light.max()), DIM) / float(target.max())), np.float32)


def relit(picture: np.ndarray, light: np.ndarray, target: np.ndarray) -> np.ndarray:
    """An (H, W, 3) uint8 picture whose skin has the light (3,), in the light of a target."""
    if np.allclose(light, target, atol=0.5):
        return picture
    return np.rint(np.clip(picture * (target / np.maximum(light, 0.5)), 0, 255)).astype(np.uint8)


def gain(light: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(3,) float32: what colours of the reference are multiplied with to be in the light of a frame."""
    return np.asarray(np.minimum(light / np.maximum(reference, 1.0), BRIGHTEST), np.float32)
