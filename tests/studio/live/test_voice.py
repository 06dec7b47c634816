"""The sound of one voice while it waits."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from studio.live.voice import IncomingVoice


def test_sound_in_tiny_pieces_takes_no_more_memory_than_the_sound() -> None:
    voice, piece = IncomingVoice(16000, 25, None), np.ones(1, np.int16)
    tracemalloc.start()
    for number in range(16000):
        voice.add(piece.copy(), number / 100_000)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert voice.waiting == 1.0
    assert size < 4 * 16000


@pytest.mark.parametrize(
    ("rate", "first", "last"),
    [(16000, [11.0, 15.0, 19.0], [99.0, 1000.0, 1000.0]), (44100, [12.0, 16.0, 20.0], [1000.0] * 3)],
)
def test_a_frame_waits_for_the_sound_that_it_uses(rate: int, first: list[float], last: list[float]) -> None:
    voice = IncomingVoice(rate, 25, None)
    for number in range(100):
        voice.add(np.zeros(rate // 100, np.int16), float(number))
    assert [voice.cut(640, 1280).arrived for _ in range(3)] == first  # 120 ms, and what the resampler needs
    voice.end(1000.0)
    assert [voice.cut(640, 1280).arrived for _ in range(22)][-3:] == last
