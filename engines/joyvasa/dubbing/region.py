"""The part of a frame that a dub may change: the lower face and the room into which the chin drops."""

from __future__ import annotations

import cv2
import numpy as np

from engines.joyvasa.face.crop import CROP_SIDE
from engines.joyvasa.face.mesh_points import JAW, OUTER_LIPS
from engines.joyvasa.face.paste_back import CropPlacement, mask_weights

CHEEKS_AND_NOSE = (50, 5, 280)
"""The upper bound: below the lower lids, and across the nose above its tip."""
SIDES = JAW[3:-3]
"""The outline of the jaw, from below one ear to below the other."""
CHIN = JAW[7:-7]
"""Its lower part, which drops as the mouth opens."""
NOSE_BASE, CHIN_TIP = 2, 152
DROP = 0.65
"""How far below the chin the region reaches, in distances between nose and chin: a wide open jaw drops by
0.3 of it.
"""
BEYOND = 0.3
"""How far the region reaches beyond the outline of the jaw, in the same distances: in a head that is turned
by 30 degrees, the rim then begins outside of the farther corner of the mouth.
"""
SOFT = 0.3
"""Width of the rim in which the region fades, in the same distances."""


def lower_face(
    picture: np.ndarray, landmarks: np.ndarray, to_crop: np.ndarray, strength: float
) -> CropPlacement | None:
    """Where a rendered crop is pasted into a frame, and with which weights; None where nothing is.

    picture: (H, W, 3) uint8 RGB. landmarks: (478, 3) pixels. to_crop: (3, 3) matrix from its pixels to the
    crop's. strength: the largest weight, 0..1.
    """
    points = np.asarray(landmarks, np.float64)[:, :2]
    length = points[CHIN_TIP] - points[NOSE_BASE]
    size = float(np.hypot(*length))
    mouth = points[list(OUTER_LIPS)].mean(axis=0)
    away = points[list(SIDES)] - mouth
    outline = mouth + away * (1 + BEYOND * size / np.maximum(np.hypot(*away.T), 1e-6))[:, None]
    below = points[list(CHIN)] + DROP * length
    corners = _hull(np.concatenate([points[list(CHEEKS_AND_NOSE)], outline, below]))
    (x0, y0), (x1, y1) = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0)) + 1
    height, width = picture.shape[:2]
    rows, columns = slice(max(int(y0), 0), min(int(y1), height)), slice(max(int(x0), 0), min(int(x1), width))
    if rows.start >= rows.stop or columns.start >= columns.stop or not size > 0:
        return None
    depth = _depth(corners, rows, columns) / (SOFT * size)
    share = np.clip(depth, 0, 1)
    weights = (share * share * (3 - 2 * share)).astype(np.float32)
    placement = CropPlacement(picture, to_crop, CROP_SIDE, rows, columns, weights[..., None])
    # In place: the placement, which knows the places, shares these weights.
    weights *= mask_weights(*placement.places(), CROP_SIDE) * np.float32(strength)
    return placement if weights.any() else None


def _hull(points: np.ndarray) -> np.ndarray:
    """(n, 2) corners of the convex hull, in order."""
    return np.asarray(cv2.convexHull(points.astype(np.float32))[:, 0], np.float64)


def _depth(corners: np.ndarray, rows: slice, columns: slice) -> np.ndarray:
    """(h, w) distance of each pixel to the nearest side of a convex polygon, below 0 outside.

    It is exact between pixels, so that the rim does not flicker as the face moves.
    """
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*sides.T)
    x, y = np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop)[:, None]
    area = float((corners[:, 0] * sides[:, 1] - corners[:, 1] * sides[:, 0]).sum())
    depth = np.full((len(y), len(x)), np.inf)
    for (px, py), (sx, sy), length in zip(corners, sides, lengths, strict=True):
        if length > 0:
            across, down = np.sign(area) * np.array([-sy, sx]) / length
            np.minimum(depth, across * (x - px) + down * (y - py), out=depth)
    return depth
