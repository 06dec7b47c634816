"""Cuts a face out of every frame, as SyncNet's own pipeline does."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from evaluation.syncnet.distances import smoothed
from evaluation.syncnet.tracks import Track

SIDE = 224
SCALE = 0.4
WIDTH = 13
"""Frames of the running median."""
GREY = 110
"""The grey level outside of the frame."""


@dataclass(frozen=True, eq=False)
class CropPath:
    """The position of the crop in each frame: half sizes and centres, (n,) float64 in pixels.

    The running median meets zeros at both ends, so that the first and last crops come out too small.
    """

    half: np.ndarray
    x: np.ndarray
    y: np.ndarray


def crop_path(track: Track) -> CropPath:
    """The smoothed path of a track."""
    low, high = track.boxes[:, :2], track.boxes[:, 2:]
    half = (high - low).max(axis=1) / 2
    centre = (low + high) / 2
    return CropPath(*(smoothed(values, WIDTH) for values in (half, centre[:, 0], centre[:, 1])))


def cut(frame: np.ndarray, path: CropPath, index: int) -> np.ndarray:
    """The square around a face before it is resized, from an (H, W, 3) frame; grey beyond its edges."""
    half, x, y = float(path.half[index]), float(path.x[index]), float(path.y[index])
    margin = int(half * (1 + 2 * SCALE))
    height, width = frame.shape[:2]
    rows = _bounds(y + margin - half, y + margin + half * (1 + 2 * SCALE), height + 2 * margin, margin)
    side = half * (1 + SCALE)
    columns = _bounds(x + margin - side, x + margin + side, width + 2 * margin, margin)
    inner_rows, inner_columns = _clip(rows, height), _clip(columns, width)
    if inner_rows == slice(*rows) and inner_columns == slice(*columns):
        return frame[inner_rows, inner_columns]
    square = np.full((rows[1] - rows[0], columns[1] - columns[0], 3), GREY, np.uint8)
    inside = frame[inner_rows, inner_columns]
    if inside.size:
        top, left = inner_rows.start - rows[0], inner_columns.start - columns[0]
        square[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return square


def crop(frame: np.ndarray, path: CropPath, index: int) -> np.ndarray:
    """(224, 224, 3) face of frame `index` of the path; an empty square gives grey."""
    face = cut(frame, path, index)
    if not face.size:
        return np.full((SIDE, SIDE, 3), GREY, np.uint8)
    return cv2.resize(face, (SIDE, SIDE))


def _bounds(low: float, high: float, size: int, margin: int) -> tuple[int, int]:
    """Whole bounds inside the padded frame, then counted from the frame's own edge."""
    start, stop = (min(max(int(value), 0), size) - margin for value in (low, high))
    return start, max(start, stop)


def _clip(bounds: tuple[int, int], size: int) -> slice:
    return slice(*(min(max(value, 0), size) for value in bounds))
