"""Which pixels around a head hold still in a frame, so that they need no lookup."""

from __future__ import annotations

import numpy as np

HOLDS_STILL = 0.0155
"""Samples. A lookup rounds a point to a 32nd of a sample, so a pixel that moves less than half of that shows
itself.
"""


class MovedCells:
    """Which columns of pixels the cells of a head's displacement move."""

    def __init__(self, cells: np.ndarray, cell: int, x0: int, y0: int) -> None:
        """cells: (rows, columns, 2) float32 samples, of `cell` pixels. x0, y0: the pixels of the first cell
        before the rectangle whose pixels are asked for.
        """
        far = np.abs(cells) > HOLDS_STILL
        moves = far[..., 0] | far[..., 1]  # ten times as fast as a reduction over an axis of two
        any_moves = moves.any(axis=1)
        count = moves.shape[1]
        self._first = np.where(any_moves, moves.argmax(axis=1), count).tolist()
        self._last = np.where(any_moves, count - moves[:, ::-1].argmax(axis=1), 0).tolist()
        self._cell, self._x0, self._y0 = cell, x0, y0

    def columns(self, top: int, bottom: int) -> tuple[int, int]:
        """The first and, exclusive, the last column that moves in rows of the rectangle; it may lie outside.
        None moves if they are not in that order.
        """
        cell = self._cell
        # Between two cells' centres, pixels are interpolated from both.
        rows = slice(max((self._y0 + top) // cell - 1, 0), (self._y0 + bottom - 1) // cell + 2)
        first, last = min(self._first[rows]), max(self._last[rows])
        if first >= last:
            return self._cell * len(self._first), 0
        return (first - 1) * cell - self._x0, (last + 1) * cell - self._x0
