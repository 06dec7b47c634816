from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from media.sound.resampling import Resampler, needed


def through(samples: np.ndarray, rate: int, sizes: list[int]) -> np.ndarray:
    resampler, parts, start, number = Resampler(rate), [], 0, 0
    while start < len(samples):
        size = sizes[number % len(sizes)]
        parts.append(resampler.add(samples[start : start + size]))
        start, number = start + size, number + 1
    return np.concatenate([*parts, resampler.finish()])


@settings(max_examples=40, deadline=None)
@given(
    rate=st.one_of(st.sampled_from([8000, 16000, 24000, 44100, 48000]), st.integers(8000, 48000)),
    count=st.integers(1, 6000),
    sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=8),
)
def test_the_result_does_not_depend_on_the_pieces(rate: int, count: int, sizes: list[int]) -> None:
    samples = np.random.default_rng(count).standard_normal(count).astype(np.float32)
    whole = through(samples, rate, [count])
    np.testing.assert_array_equal(through(samples, rate, sizes), whole)
    assert len(whole) == round(count * 16000 / rate)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 24000, 32000, 44100, 48000])
def test_it_is_as_clean_as_soxr_where_voices_are(rate: int) -> None:
    time = np.arange(rate) / rate
    tones = [
        np.sin(2 * np.pi * hertz * time)
        for hertz in (110, 440, 1000, 2500, 3200, 6500)
        if hertz < 0.41 * rate
    ]
    samples = (0.1 * np.sum(tones, axis=0)).astype(np.float32)
    made, best = through(samples, rate, [rate // 50]), soxr.resample(samples, rate, 16000, quality="VHQ")
    inner = slice(400, -400)
    assert np.abs(made[inner] - best[inner]).max() < 1e-3 * np.abs(best).max()


@pytest.mark.parametrize("hertz", [9000, 10000, 14000, 20000])
def test_what_a_voice_does_not_have_leaves_no_alias(hertz: int) -> None:
    time = np.arange(48000) / 48000
    samples = np.sin(2 * np.pi * hertz * time).astype(np.float32)
    assert np.abs(through(samples, 48000, [960])[400:-400]).max() < 2e-3


@pytest.mark.parametrize("rate", [8000, 16000, 24000, 44100, 47999, 48000])
def test_a_sample_is_complete_within_three_milliseconds(rate: int) -> None:
    resampler = Resampler(rate)
    complete = len(resampler.add(np.zeros(rate // 10, np.float32)))
    assert complete >= 1600 - 3 * 16 - 1
    assert needed(complete, rate) <= rate // 10 < needed(complete + 1, rate)


def test_no_rate_needs_much_memory() -> None:
    tracemalloc.start()
    kept = [Resampler(rate) for rate in range(47980, 48000)]
    for resampler in kept:
        resampler.add(np.zeros(4000, np.float32))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000
