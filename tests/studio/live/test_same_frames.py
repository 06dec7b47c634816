"""The same sound gives the same frames, however it is cut."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.portrait import Portrait
from media.sound.resampling import Resampler
from tests.studio.live.sessions import picture, spoken, voice_of
from tests.studio.live.talker import Talk


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


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rate=st.one_of(st.sampled_from([8000, 16000, 44100, 48000]), st.integers(8000, 48000)),
    samples=st.integers(1, 9000),
    look_ahead_ms=st.sampled_from([0, 1, 40, 80]),
    sizes=st.lists(st.integers(1, 2000).map(lambda n: 2 * n), min_size=1, max_size=8),
)
def test_an_engine_hears_the_same_whenever_the_end_is_announced(
    portrait: Portrait, talk: Talk, rate: int, samples: int, look_ahead_ms: int, sizes: list[int]
) -> None:
    sound = np.random.default_rng(samples).integers(-9999, 9999, samples).astype("<i2")
    found = []
    for late in (False, True):
        talk.heard.clear()
        pushing = sizes if late else [2 * samples]
        frames = asyncio.run(
            spoken(
                portrait,
                sound.tobytes(),
                pushing,
                rate=rate,
                late=late,
                engine="talker",
                look_ahead_ms=look_ahead_ms,
            )
        )
        assert sum(frame.end_of_speech for frame in frames) == 1
        found.append([(one.heard.tobytes(), one.ahead.tobytes(), one.ended) for one in talk.heard])
    assert found[0] == found[1]
    assert len(found[0]) == -(-samples * 25 // rate)
    assert found[0][-1][2], "the engine learns that nothing follows"
    resampler = Resampler(rate)
    whole = np.concatenate([resampler.add(sound.astype(np.float32) / 32768), resampler.finish()])
    np.testing.assert_array_equal(talk.sound()[: len(whole)], whole)
    assert not talk.sound()[len(whole) :].any()


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
