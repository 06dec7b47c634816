"""How far each part of a head is in front of the plane of its ears, from the samples of its mesh."""

from __future__ import annotations

import math

import cv2
import numpy as np

from engines.preview.easing import smootherstep
from engines.preview.rig import HeadRig

BEHIND_FACE = 0.3
"""Face heights around the face in which its relief runs back to the plane of the ears."""
STEEPEST, REACHES = 2.8, 8
"""The steepest slope, with which a turn of 18 degrees folds nothing; and the cells that a steeper one spreads
over.
"""
RIM_COUNTS = 4.0
"""Weight of the face's outline beside that of the cheek with which it shares cells. There the relief is
steepest, and a turn shows where the outline is.
"""
NEAR_LOWER = 0.9
"""Where a surface that had to be made less steep lies, from the nearest one above to the nearest below it."""


def relief(head: HeadRig, region: tuple[int, int, int, int], cell: int, shape: tuple[int, int]) -> np.ndarray:
    """Depth in pixels in front of the ears' plane, (rows, columns) float32: the mesh's on the face, and
    sinking to zero around it.

    region: (x0, y0, x1, y1) pixels, divided into cells of `cell` pixels. shape: their rows and columns.
    """
    rows, columns = shape
    count = np.zeros((rows, columns), np.float32)
    total = np.zeros_like(count)
    x0, y0 = region[:2]
    at = (head.depth[:, :2] - [x0, y0] + 0.5) / cell - 0.5
    depth = head.depth[:, 2]
    rim = cv2.convexHull(at.astype(np.float32), returnPoints=False).ravel()
    # The rim's depth goes on outside, or a mean over both sides of it would be too deep.
    around = [at.mean(axis=0) + far * (at[rim] - at.mean(axis=0)) for far in (1.05, 1.10)]
    samples = np.concatenate([at, *around])
    depths = np.concatenate([depth, depth[rim], depth[rim]]).astype(np.float32)
    counts = np.ones(len(samples), np.float32)
    counts[rim] = counts[len(at) :] = RIM_COUNTS
    corner = np.floor(samples).astype(int)
    share = (samples - corner).astype(np.float32)
    for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
        cells = corner + np.array([right, down])
        weight = counts * np.abs(1 - right - share[:, 0]) * np.abs(1 - down - share[:, 1])
        inside = ((cells >= 0) & (cells < [columns, rows])).all(axis=1)
        place = cells[inside, 1], cells[inside, 0]
        np.add.at(total, place, (weight * depths)[inside])
        np.add.at(count, place, weight[inside])
    unit = head.frame.unit / cell
    wide = [cv2.GaussianBlur(a, (0, 0), 0.3 * unit, borderType=cv2.BORDER_CONSTANT) for a in (total, count)]
    relief = wide[0] / np.maximum(wide[1], 1e-9)
    # Between the samples, the smoothest surface through them.
    trust = np.minimum(count / 0.3, 1.0)
    known = total / np.maximum(count, 1e-6)
    for _ in range(60):
        relief = cv2.blur(relief, (3, 3), borderType=cv2.BORDER_REPLICATE)
        relief += trust * (known - relief)
    # Hair and neck run back to the plane of the ears.
    off = np.ones((rows, columns), np.uint8)
    cv2.fillConvexPoly(off, np.rint(at[rim]).astype(np.int32), 0)
    away = cv2.distanceTransform(off, cv2.DIST_L2, 5) / (BEHIND_FACE * unit)
    relief *= 1.0 - smootherstep(away).astype(np.float32)
    relief = _less_steep(relief, STEEPEST * cell)
    return cv2.GaussianBlur(relief, (0, 0), max(0.5, 0.015 * unit))


def _less_steep(relief: np.ndarray, most: float) -> np.ndarray:
    """A surface that rises by at most so much from cell to cell.

    It lies between the nearest ones below and above, close to the lower: the outline's place is seen best.
    """
    below, above = relief.copy(), relief.copy()
    across, slanted = np.float32(most), np.float32(most * math.sqrt(2))
    ways = [(0, 1, across), (1, 0, across), (1, 1, slanted), (1, -1, slanted)]
    for _ in range(REACHES):
        for down, right, step in ways:
            for sign in (1, -1):
                moved = (sign * down, sign * right)
                np.minimum(below, _shifted(below, *moved) + step, out=below)
                np.maximum(above, _shifted(above, *moved) - step, out=above)
    return above + np.float32(NEAR_LOWER) * (below - above)


def _shifted(cells: np.ndarray, down: int, right: int) -> np.ndarray:
    """Each cell's neighbour at the other side of the shift; rims repeat."""
    padded = cv2.copyMakeBorder(cells, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return padded[1 - down : 1 - down + cells.shape[0], 1 - right : 1 - right + cells.shape[1]]
