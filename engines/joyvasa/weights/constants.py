"""Index tables that checkpoints hold although they are computed."""

from __future__ import annotations

import numpy as np


def window_index(side: int) -> np.ndarray:
    """The entry of a relative position table for each pair of a window's cells, (side^2, side^2) int64."""
    row, column = np.divmod(np.arange(side * side), side)
    down = row[:, None] - row + side - 1
    right = column[:, None] - column + side - 1
    return down * (2 * side - 1) + right
