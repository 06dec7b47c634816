"""The checks of the load benchmark detect errors."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.page_visitor import BITS, BLOCK, events, number_in


@given(st.integers(0, 2**BITS - 1), st.integers(0, 60))
def test_the_number_of_a_portrait_is_read_from_a_blurred_picture(number: int, blur: int) -> None:
    picture = np.full((128, 128), 90, np.uint8)
    for bit in range(BITS):
        block = picture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK]
        block[:] = 255 - blur if number >> bit & 1 else blur
    assert number_in(picture) == number


def test_events_carry_their_names() -> None:
    lines = iter(
        ["event: generating", 'data: [null, {"stage": "waiting"}]', "", "event: complete", "data: [1]"]
    )
    assert list(events(lines)) == [("generating", [None, {"stage": "waiting"}]), ("complete", [1])]
