"""A microphone whose sound piles up."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from media.portrait import Portrait
from studio.live import LiveFrame
from tests.studio.live.sessions import RATE, frames_of, opened, run, sound_of, voice_of
from tests.studio.live.talker import Talk

FRAME = RATE // 25


def noise(seconds: float) -> np.ndarray:
    """Sound in which every sample can be told."""
    return np.random.default_rng(1).integers(500, 9000, round(seconds * RATE)).astype("<i2")


def test_after_a_gap_in_the_network_the_portrait_is_close_to_now_again(
    portrait: Portrait, talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    sound = noise(6.0)

    async def story() -> None:
        async with opened(portrait, engine="talker", max_backlog_ms=400) as (session, _):
            await session.push_audio(sound[: 40 * FRAME].tobytes(), RATE)
            frames = await frames_of(session, 1)
            assert session.waiting_seconds == pytest.approx(0.08 + 0.4)
            frames += await frames_of(session, 4)
            await session.push_audio(sound[40 * FRAME :].tobytes(), RATE, last_chunk=True)
            while not frames[-1].end_of_speech:
                frames += await frames_of(session, 1)
            said = [frame for frame in frames if frame.speaking]
            for frame, one in zip(said, [one for one in talk.heard if one.heard.any()], strict=True):
                start = round(frame.position * RATE)
                np.testing.assert_array_equal(frame.samples, sound[start : start + FRAME])
                np.testing.assert_array_equal(frame.samples / np.float32(32768), one.heard)
            assert said[-1].position == pytest.approx(6.0 - 0.04)
            assert session.left_out_seconds == pytest.approx(6.0 - len(said) / 25)

    with caplog.at_level(logging.WARNING, "joystudio.live"):
        run(story)
    assert len([one for one in caplog.records if "behind its microphone" in one.message]) == 1


def test_a_fast_microphone_loses_pauses_and_no_speech(portrait: Portrait, talk: Talk) -> None:
    syllable, pause = noise(0.4), np.zeros(RATE // 5, "<i2")
    sound = np.concatenate([syllable, pause] * 20)

    async def story() -> None:
        async with opened(portrait, engine="talker", max_backlog_ms=400) as (session, _):
            reader, frames = session.run(), list[LiveFrame]()
            for start in range(0, len(sound), FRAME + 64):  # 44 ms in every 40 ms
                await session.push_audio(sound[start : start + FRAME + 64].tobytes(), RATE)
                frames.append(await anext(reader))
            assert session.waiting_seconds < 0.55
            assert 0.5 < session.left_out_seconds < 1.2
            heard = sound_of(frames)
            assert np.count_nonzero(heard) > np.count_nonzero(sound) - 0.55 * RATE
            np.testing.assert_array_equal(heard[heard > 0], np.tile(syllable, 20)[: np.count_nonzero(heard)])

    run(story)


def test_without_a_limit_all_sound_is_spoken(portrait: Portrait, talk: Talk) -> None:
    sound = noise(3.0)

    async def story() -> None:
        async with opened(portrait, engine="talker") as (session, _):
            await session.push_audio(sound.tobytes(), RATE, last_chunk=True)
            assert voice_of(await frames_of(session, 75)) == sound.tobytes()
            assert session.left_out_seconds == 0.0

    run(story)
