"""Matrix products whose rows do not depend on which other rows are multiplied with them.

A BLAS library chooses its kernel by the number of rows, and kernels round differently: the same row can
come out with another last bit. A live session multiplies a few rows at a time and a finished recording
hundreds, and both have to give the same mouth. So rows are multiplied in blocks of one size on a fixed grid.
"""

from __future__ import annotations

import numpy as np

BLOCK = 16
"""Rows that are multiplied at a time. With 128 columns on each side, OpenBLAS still uses one thread: others
would wait for each other longer than they work, above all where several sessions share a machine."""


def product(rows: np.ndarray, matrix: np.ndarray, first: int) -> np.ndarray:
    """``rows @ matrix``, where row i always takes the place ``(first + i) % BLOCK`` of its block.

    rows: (n, a) float32; matrix: (a, b) float32; first: the index in time of the first row, of any sign.
    Returns (n, b) float32.
    """
    before = first % BLOCK
    size = -(-(before + len(rows)) // BLOCK) * BLOCK
    padded = np.zeros((size, rows.shape[1]), np.float32)
    padded[before : before + len(rows)] = rows
    result: np.ndarray = (padded.reshape(-1, BLOCK, rows.shape[1]) @ matrix).reshape(size, -1)
    return result[before : before + len(rows)]
