"""Which point of the resting picture each pixel shows as the head moves."""

from __future__ import annotations

import cv2
import numpy as np

from engines.preview.doubled import SAMPLES

Part = tuple[slice, slice]
"""Rows and columns."""


def resting_cells(
    region: tuple[int, int, int, int], cell: int, shape: tuple[int, int], origin: tuple[int, int]
) -> np.ndarray:
    """(rows + 2, columns + 2, 2) float32: the centres of a region's cells, in samples, and of one more cell
    on each side.

    region: (x0, y0, x1, y1) pixels. shape: its rows and columns of cells. origin: (x, y) of the pixel at
    which the samples begin.
    """
    down, across = (np.arange(-1, count + 1, dtype=np.float32) for count in shape)
    x, y = ((n + 0.5) * cell - 0.5 for n in (across, down))
    x, y = SAMPLES * (x + (region[0] - origin[0])), SAMPLES * (y + (region[1] - origin[1]))
    return np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)


class HeadPoints:
    """The points of one frame, interpolated from the cells for one part after the other.

    A part that is looked up at once stays in a core's cache. The points of the whole head would not, and
    reading them again takes as long as the interpolation.
    """

    def __init__(self, moved: np.ndarray, resting: np.ndarray, cell: int, x0: int, y0: int) -> None:
        """moved: as from `HeadField.displacement`. resting: as from `resting_cells`. x0, y0: of the
        rectangle whose pixels are asked for, in pixels from the region's beginning.
        """
        cells = cv2.copyMakeBorder(moved, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        cells *= SAMPLES
        cells += resting
        self._cells, self._cell, self._x0, self._y0 = cells, cell, x0, y0

    def end_of_rows(self, top: int, count: int) -> int:
        """Where a part of about so many rows from `top` on ends at the centre of a cell, so that it and the
        next one interpolate few rows that they do not show.
        """
        middle = self._cell // 2
        end = (self._y0 + top + count - middle) // self._cell * self._cell + middle - self._y0
        return end if end > top else top + count

    def part(self, rows: slice, columns: slice) -> np.ndarray:
        """The points of some pixels of the rectangle: a new (h, w, 2) float32 array, in samples."""
        cell = self._cell
        first_row, last_row, y = _around(self._y0 + rows.start, self._y0 + rows.stop, cell)
        first_column, last_column, x = _around(self._x0 + columns.start, self._x0 + columns.stop, cell)
        cells = self._cells[first_row:last_row, first_column:last_column]
        full = cv2.resize(cells, None, fx=cell, fy=cell, interpolation=cv2.INTER_LINEAR)
        return full[y : y + rows.stop - rows.start, x : x + columns.stop - columns.start]


def _around(start: int, stop: int, cell: int) -> tuple[int, int, int]:
    """The first and, exclusive, the last cell between whose centres some pixels lie, and where the pixels
    begin in them. Cells are counted with the one before the region.
    """
    first = (2 * start + 1 - cell) // (2 * cell)
    last = (2 * stop - 1 - cell) // (2 * cell) + 2
    return first + 1, last + 1, start - first * cell
