"""Pictures as the metrics' golden files keep them: coarse, to be enlarged by whole-number arithmetic."""

from __future__ import annotations

import numpy as np


def enlarged(low: np.ndarray, step: int) -> np.ndarray:
    """(n, h * step, w * step, 3) uint8 from (n, h + 1, w + 1, 3): bilinear, exact, rounded half up."""
    coarse = low.astype(np.int64)
    rows = _between(coarse, step, 1)
    both = _between(rows, step, 2)
    return ((both + step * step // 2) // (step * step)).astype(np.uint8)


def _between(values: np.ndarray, step: int, axis: int) -> np.ndarray:
    """`step` points from each value towards the next along an axis, times `step`."""
    values = np.moveaxis(values, axis, 0)
    part = np.arange(step).reshape(1, step, *[1] * (values.ndim - 1))
    points = (step - part) * values[:-1, None] + part * values[1:, None]
    return np.moveaxis(points.reshape(-1, *values.shape[1:]), 0, axis)
