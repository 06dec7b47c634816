from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.placement import Placement, turn


@given(
    turns=st.integers(0, 3),
    scale=st.floats(0.1, 3),
    left=st.floats(0, 500),
    top=st.floats(0, 500),
    x=st.floats(-50, 900),
    y=st.floats(-50, 900),
)
def test_there_and_back(turns: int, scale: float, left: float, top: float, x: float, y: float) -> None:
    placement = Placement((2000, 1000), (300, 200), scale, left, top, turns)
    assert placement.to_upload(*placement.from_upload(x, y)) == pytest.approx((x, y), abs=1e-6)


@pytest.mark.parametrize("turns", range(4))
def test_a_pixel_is_where_the_placement_says(turns: int) -> None:
    upload = np.zeros((40, 60, 3), np.uint8)
    upload[11, 32] = 255
    image = turn(upload[10:30, 25:55], turns)
    placement = Placement((60, 40), (30, 20), left=25, top=10).turned(turns)
    x, y = placement.from_upload(32.5, 11.5)
    assert image[int(y), int(x), 0] == 255
    assert placement.box_to_upload((x - 0.5, y - 0.5, x + 0.5, y + 0.5)) == (32, 11, 33, 12)
