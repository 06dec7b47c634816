"""Overlapping pieces of a sound, without copying it."""

from __future__ import annotations

import numpy as np


def windows_of(samples: np.ndarray, size: int, step: int) -> np.ndarray:
    """All windows of `size` samples, `step` apart: (n, size), a view of (m,) `samples`.

    NumPy's sliding windows are the same, but take longer to prepare than a live frame's few to be read.
    """
    samples = np.ascontiguousarray(samples)
    count = max((len(samples) - size) // step + 1, 0)
    stride = samples.itemsize
    return np.ndarray((count, size), samples.dtype, samples, 0, (step * stride, stride))
