"""Detects whether something covers the mouth: a hand, a mask, a microphone.

The mesh guesses lips on every face. Visible lips differ from the skin around them, or have a dark line or
teeth between them. Measured on photographs, drawings, paintings and their greyscale versions: a difference of
at least 5 levels, or a spread of at least 22; on covered mouths at most 3 and 13.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from media.faces.face import Face
from media.faces.views import crop_square

LEAST_DIFFERENCE = 4.0
"""Levels of 255 between the mean of the lips and the median of the skin around them, over Y, Cb and Cr."""
LEAST_SPREAD = 17.0
"""Standard deviation of the brightness within the lips, in levels of 255."""

LEAST_WIDTH = 8.0
"""Pixels of a mouth's width below which there is no note."""

OUTER_LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
_SIDE, _WIDTH = 128, 48  # of the examined square, and of the mouth in it, in pixels


def mouth_is_covered(image: np.ndarray, face: Face) -> bool:
    """Whether no lips are visible where the mesh of a face has them; image: (H, W, 3) uint8 RGB."""
    difference, spread = lips_seen(image, face)
    return difference < LEAST_DIFFERENCE and spread < LEAST_SPREAD


def lips_seen(image: np.ndarray, face: Face) -> tuple[float, float]:
    """The difference between lips and their surroundings, and the spread of their brightness, in levels."""
    lips = face.landmarks[list(OUTER_LIPS), :2].astype(np.float64)
    width = float(np.linalg.norm(lips[0] - lips[10]))
    if width < LEAST_WIDTH:
        return 255.0, 255.0
    x, y = lips.mean(axis=0)
    pixels, left, top = crop_square(image, (float(x), float(y)), _SIDE / _WIDTH * width)
    square = Image.fromarray(pixels).resize((_SIDE, _SIDE), Image.Resampling.BOX)
    mask = Image.new("L", (_SIDE, _SIDE))
    outline = (lips - (left, top)) * (_SIDE / len(pixels))
    ImageDraw.Draw(mask).polygon([(float(x), float(y)) for x, y in outline], fill=255)
    filled = np.asarray(mask)
    inside = filled > 0
    near, far = (cv2.dilate(filled, np.ones((size, size), np.uint8)) for size in (7, 19))
    ring = far > near
    colours = np.asarray(square.convert("YCbCr"), np.float64)
    if not inside.any() or not ring.any():
        return 255.0, 255.0
    apart = colours[inside].mean(axis=0) - np.median(colours[ring], axis=0)
    return float(np.linalg.norm(apart)), float(colours[inside, 0].std())
