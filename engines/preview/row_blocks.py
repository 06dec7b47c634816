"""Matrix products whose rows do not depend on which other rows are multiplied with them.

A BLAS library chooses its kernel by the number of rows, and kernels round differently: the same row can
come out with another last bit. A live session multiplies a few rows at a time and a finished recording
hundreds, and both have to give the same mouth. So rows are multiplied in blocks of one size on a fixed grid.
"""

from __future__ import annotations

import numpy as np

BLOCK = 8
"""Rows that are multiplied at a time."""
ONE_THREAD = 2**18
"""Multiplications for which OpenBLAS still uses one thread: others would wait for each other longer than they
work, above all where several sessions share a machine."""


class RowPlaces:
    """Where `count` rows lie in blocks: row i takes the place ``(first + i) % BLOCK`` of its block.

    first: the index in time of the first row, of any sign.
    """

    def __init__(self, first: int, count: int) -> None:
        before = first % BLOCK
        self.rows = slice(before, before + count)
        """The rows in the blocks that hold them."""
        self.size = -(-(before + count) // BLOCK) * BLOCK
        """Rows of these blocks."""

    def padded(self, rows: np.ndarray) -> np.ndarray:
        """The rows on the grid between zeros, float32. There may be more than `count`, which come after."""
        before, count = self.rows.start, self.rows.stop - self.rows.start
        result = np.zeros((self.size + len(rows) - count, rows.shape[1]), np.float32)
        result[before : before + len(rows)] = rows
        return result


class Factor:
    """A matrix that blocks of rows are multiplied with. matrix: (a, b) float32."""

    def __init__(self, matrix: np.ndarray) -> None:
        before, self._width = matrix.shape
        widths = [w for w in range(1, self._width + 1) if self._width % w == 0]
        columns = max(w for w in widths if w == 1 or BLOCK * before * w <= ONE_THREAD)
        self._parts = np.ascontiguousarray(matrix.reshape(before, -1, columns).transpose(1, 0, 2))

    def product(self, blocks: np.ndarray) -> np.ndarray:
        """``blocks @ matrix``. blocks: (n * BLOCK, a) float32, without a gap. Returns (n * BLOCK, b)."""
        parts, _, columns = self._parts.shape
        count = len(blocks) // BLOCK
        result = np.empty((len(blocks), self._width), np.float32)
        by_part = result.reshape(count, BLOCK, parts, columns).transpose(0, 2, 1, 3)
        np.matmul(blocks.reshape(count, 1, BLOCK, -1), self._parts, out=by_part)
        return result
