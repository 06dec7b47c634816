"""Measures a tracked face in one frame: how far it is turned, and the colours around its mouth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from media.faces.covered import OUTER_LIPS

SIDE = 96
"""Pixels of the reduced square around the face in which colours are read."""
AROUND = 1.1
"""Side of that square, in sides of the face."""

CHEEKS = (50, 280, 101, 330, 205, 425)
"""Landmarks on skin that a hand in front of the mouth usually leaves free: they show the light."""
SKIN = (199, 18, 164, 212, 432, 204, 424, 175)
"""Landmarks on skin around the mouth: chin, below and above the lips, lower cheeks."""
LIPS = ((37, 267, 11), (84, 314, 16))
"""Landmarks on the red of the upper and the lower lip."""
PATCHES = len(SKIN) + len(LIPS)
_READ = [*SKIN, *LIPS[0], *LIPS[1], *CHEEKS]
_PARTS = np.cumsum([len(SKIN), len(LIPS[0]), len(LIPS[1])])

HIDDEN = 0.4
"""Measured: 0.75 to 1.75 on portraits at full light and at an eighth of it, up to 0.1 behind a hand."""
EYES = [33, 133, 362, 263, 159, 386, 145, 374]
_NOISE = 1.0
"""Levels that keep the noise of an even picture from counting as lips."""

_ACROSS = ((127, 356), (234, 454), (33, 263))
"""Pairs of landmarks on the face's right and left side that nothing but the head moves."""
_DOWN = ((10, 168), (151, 4), (9, 2))
"""Pairs of landmarks on the middle line, upper first, that nothing but the head moves."""


@dataclass(frozen=True, eq=False)
class MouthLook:
    """The colours around a mouth in one frame.

    patches: (10, 3) float32 RGB, 0..255, the mean around each landmark of SKIN, then of LIPS. cheeks: (3,) of
    the cheeks. lips: how far the lips differ from the skin around them, plus the spread of their brightness
    (as `media.faces.covered`), in parts of the spread around the eyes, so that fades, flashes and the light
    cancel. hidden: no lips are visible (`lips` below HIDDEN). contrast: the spread around the eyes, in levels
    of 255. sharpness: mean absolute second difference of the mouth's brightness, in levels of 255 per pixel
    of the reduced square.
    """

    patches: np.ndarray
    cheeks: np.ndarray
    lips: float
    hidden: bool
    contrast: float
    sharpness: float


def pose_of(landmarks: np.ndarray) -> tuple[float, float]:
    """Yaw and pitch in degrees of (478, 3) landmarks: to the image's right and down are positive.

    Depth comes from the mesh, which was trained on faces turned by up to 90 degrees, and flattens beyond 50.
    """
    points = landmarks.astype(np.float64)
    x = sum(_unit(points[left] - points[right]) for right, left in _ACROSS)
    y = sum(_unit(points[low] - points[high]) for high, low in _DOWN)
    x = _unit(np.asarray(x))
    yaw = math.degrees(math.asin(float(np.clip(x[2], -1, 1))))
    y = np.asarray(y)
    y = _unit(y - x * float(x @ y))
    pitch = math.degrees(math.atan2(float(y[2]), float(np.hypot(y[0], y[1])))) - NEUTRAL_PITCH
    return yaw, pitch


def _unit(vector: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vector / max(float(np.linalg.norm(vector)), 1e-9)
    return unit


NEUTRAL_PITCH = -2.0
"""Degrees that faces read which look into the camera: the mesh puts the forehead a little back."""


def look_at_mouth(picture: np.ndarray, landmarks: np.ndarray) -> MouthLook:
    """The colours around the mouth of (478, 3) landmarks in an (H, W, 3) uint8 RGB picture."""
    import cv2

    from media.faces.views import crop_square

    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    side = AROUND * float((high - low).max())
    middle = (low + high) / 2
    square, left, top = crop_square(picture, (float(middle[0]), float(middle[1])), side)
    ratio = SIDE / square.shape[0]
    small = reduced(square, SIDE)
    means = cv2.blur(small, (3, 3))

    places = (landmarks[_READ, :2] - (left, top)) * ratio
    x, y = np.clip(np.rint(places - 0.5).astype(int), 0, SIDE - 1).T
    skin, upper, lower, sides = np.split(means[y, x].astype(np.float32), _PARTS)
    red = np.stack([upper.mean(axis=0), lower.mean(axis=0)])
    cheeks = np.median(sides, axis=0)
    outline = (landmarks[list(OUTER_LIPS), :2] - (left, top)) * ratio
    difference, spread = _lips_seen(small, outline)
    contrast = _spread_at_eyes(small, (landmarks[EYES, :2] - (left, top)) * ratio)
    lips = (difference + spread) / contrast
    hidden = lips < HIDDEN
    (x0, y0), (x1, y1) = np.floor(outline.min(axis=0)), np.ceil(outline.max(axis=0))
    x0, y0 = np.clip((x0, y0), 0, SIDE - 4).astype(int)
    x1, y1 = max(int(x1), x0 + 4), max(int(y1), y0 + 4)
    mouth = cv2.cvtColor(small[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY)
    sharpness = float(np.abs(cv2.Laplacian(mouth, cv2.CV_32F)).mean())
    return MouthLook(np.concatenate([skin, red]), cheeks, lips, hidden, contrast, sharpness)


def reduced(square: np.ndarray, side: int) -> np.ndarray:
    """A square (n, n, 3) uint8 picture in another size, without aliasing, in a third of the time that OpenCV
    takes to average over parts of pixels.
    """
    import cv2

    whole = max(1, len(square) // side)
    if whole > 1:
        size = (len(square) // whole, len(square) // whole)
        square = square[: size[0] * whole, : size[0] * whole]
        square = cv2.resize(square, size, interpolation=cv2.INTER_AREA)
    return cv2.resize(square, (side, side), interpolation=cv2.INTER_LINEAR)


def _spread_at_eyes(square: np.ndarray, eyes: np.ndarray) -> float:
    """Standard deviation of the brightness around both eyes, in levels of 255."""
    (x0, y0), (x1, y1) = np.clip([eyes.min(axis=0) - 3, eyes.max(axis=0) + 4], 0, SIDE).astype(int)
    part = square[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    if not part.size:
        return _NOISE
    # Sums of whole numbers are exact, and a mean over the three channels takes ten times as long.
    light = part[..., 0].astype(np.float64) + part[..., 1] + part[..., 2]
    return float((light / 3).std()) + _NOISE


def _lips_seen(square: np.ndarray, outline: np.ndarray) -> tuple[float, float]:
    """Difference of lips and skin, and spread of the lips' brightness, in levels of 255.

    square: (SIDE, SIDE, 3) uint8. outline: (20, 2) in its pixels.
    """
    import cv2

    corners = np.rint(outline).astype(np.int32)
    # Only the part that the lips and the skin around them reach.
    (x0, y0), (x1, y1) = np.clip([corners.min(axis=0) - 7, corners.max(axis=0) + 8], 0, SIDE)
    square = square[y0:y1, x0:x1]
    if not square.size:
        return 0.0, 0.0
    mask = np.zeros(square.shape[:2], np.uint8)
    cv2.fillPoly(mask, [corners - np.array((x0, y0), np.int32)], 255)
    near, far = (cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_RECT, (n, n))) for n in (5, 13))
    inside, ring = mask > 0, (far > 0) & (near == 0)
    if not inside.any() or not ring.any():
        return 0.0, 0.0
    colours = cv2.cvtColor(square, cv2.COLOR_RGB2YCrCb)
    lips, skin = colours[inside].astype(np.float32), np.median(colours[ring], axis=0)
    return float(np.linalg.norm(lips.mean(axis=0) - skin)), float(lips[:, 0].std())
