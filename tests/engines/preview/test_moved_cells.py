"""No pixel that moves is left out of the columns that a frame looks up."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.moved_cells import HOLDS_STILL, MovedCells


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 9),
    st.integers(3, 12),
    st.integers(3, 12),
    st.integers(0, 99),
    st.integers(0, 8),
    st.data(),
)
def test_the_columns_hold_every_pixel_that_moves(
    cell: int, rows: int, columns: int, seed: int, before: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    cells = (rng.normal(size=(rows, columns, 2)) * (rng.random((rows, columns, 1)) < 0.08)).astype(np.float32)
    full = cv2.resize(cells, None, fx=cell, fy=cell, interpolation=cv2.INTER_LINEAR)
    x0 = y0 = min(before, cell)  # the rectangle begins inside the first cells
    inside = np.abs(full).max(axis=2)[y0:, x0:] > HOLDS_STILL
    top = data.draw(st.integers(0, len(inside) - 1))
    bottom = data.draw(st.integers(top + 1, len(inside)))

    first, last = MovedCells(cells, cell, x0, y0).columns(top, bottom)

    moving = np.flatnonzero(inside[top:bottom].any(axis=0))
    assert all(first <= column < last for column in moving)


def test_a_head_at_rest_moves_no_column() -> None:
    first, last = MovedCells(np.zeros((4, 5, 2), np.float32), 8, 3, 2).columns(0, 16)
    assert first >= last
