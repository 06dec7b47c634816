"""The same sound gives the same frames, however it is cut."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.portrait import Portrait
from tests.studio.live.sessions import picture, spoken, voice_of


@settings(max_examples=6, deadline=None)
@given(sizes=st.lists(st.integers(1, 4000).map(lambda n: 2 * n), min_size=1, max_size=12))
def test_frames_do_not_depend_on_how_the_sound_is_cut(
    portrait: Portrait, pcm: bytes, sizes: list[int]
) -> None:
    part = pcm[:12000]
    whole = asyncio.run(spoken(portrait, part, [len(part)]))
    cut = asyncio.run(spoken(portrait, part, sizes))
    assert len(cut) == len(whole) == 10
    for one, other in zip(whole, cut, strict=True):
        np.testing.assert_array_equal(picture(one), picture(other))
        assert one.changed == other.changed


@pytest.mark.parametrize("milliseconds", [1, 20, 40, 100, 1000])
@pytest.mark.parametrize("rate", [8000, 24000, 44100, 48000])
def test_every_rate_in_every_usual_piece_comes_back_sample_for_sample(
    portrait: Portrait, pcm: bytes, rate: int, milliseconds: int
) -> None:
    part = pcm[: 2000 if milliseconds == 1 else 9000]
    frames = asyncio.run(spoken(portrait, part, [2 * (rate * milliseconds // 1000)], rate=rate))
    assert voice_of(frames)[: len(part)] == part
    assert not any(voice_of(frames)[len(part) :])
    assert {frame.sample_rate for frame in frames} == {rate}
    assert {len(frame.samples) for frame in frames} == {rate // 25}
    assert [frame.frame_index for frame in frames] == list(range(len(frames)))


def test_lips_move_with_the_voice(portrait: Portrait, pcm: bytes) -> None:
    frames = asyncio.run(spoken(portrait, pcm, [640]))
    still = asyncio.run(spoken(portrait, bytes(len(pcm)), [640]))
    mouth = (slice(80, 120), slice(40, 90))
    moved = [
        np.abs(picture(a)[mouth].astype(int) - picture(b)[mouth]).mean()
        for a, b in zip(frames, still, strict=True)
    ]
    assert max(moved) > 3.0
    assert frames[0].bgr_image is not None
    np.testing.assert_array_equal(frames[0].bgr_image[..., ::-1], picture(frames[0]))
