"""Frames by the clock."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from media.portrait import Portrait
from studio.live import LiveFrame
from tests.studio.live.sessions import RATE, frames_of, opened, run, sound_of, voice_of


def test_a_paced_session_is_never_still_and_keeps_time(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            begun = clock.now()
            frames = await frames_of(session, 100)
            assert abs(clock.now() - begun - 99 / session.settings.FPS) < 1e-6
            assert not sound_of(frames).any()
            assert all(frame.audio_chunk is None for frame in frames)
            assert 3 < sum(frame.changed for frame in frames) < 90
            np.testing.assert_array_equal(session.get_first_frame().shape, (128, 128, 3))

    run(story)


def test_a_voice_waits_for_the_sound_ahead_and_begins_as_soon_as_it_is_there(
    portrait: Portrait, pcm: bytes
) -> None:
    async def story() -> None:
        async with opened(portrait, look_ahead_ms=80) as (session, clock):
            reader = session.run()
            await session.push_audio(pcm[: 2 * 119 * 16], RATE)
            assert not (await anext(reader)).speaking, "119 ms are one too few for 40 ms and 80 ms ahead"
            clock.pass_time(0.03)
            await session.push_audio(pcm[2 * 119 * 16 : 2 * 120 * 16], RATE)
            before = clock.now()
            frame = await anext(reader)
            assert frame.speaking
            assert clock.now() == before, "no wait for the next frame of the grid"
            assert frame.delay == 0.0

    run(story)


def test_sound_that_comes_too_slowly_leaves_gaps_and_is_not_lost(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            frames = []
            for start in range(0, len(pcm), 960):  # 30 ms in every 40 ms
                await session.push_audio(pcm[start : start + 960], RATE)
                frames.append(await anext(reader))
            await session.flush()
            while not frames[-1].end_of_speech:
                frames.append(await anext(reader))
            assert voice_of(frames)[: len(pcm)] == pcm
            assert any(not frame.speaking for frame in frames[10:-2])
            assert session.dropped_pictures == 0

    run(story)


def test_sound_that_comes_faster_is_spoken_in_real_time(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            await session.push_audio(pcm, RATE, last_chunk=True)
            begun = clock.now()
            frames = await frames_of(session, 40)
            assert abs(clock.now() - begun - 39 * 0.04) < 0.041
            assert voice_of(frames)[: len(pcm)] == pcm
            assert [frame.end_of_speech for frame in frames].index(True) == 32

    run(story)


def test_a_slow_reader_gets_all_sound_and_fewer_pictures(
    portrait: Portrait, pcm: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            await session.push_audio(pcm, RATE, last_chunk=True)
            frames: list[LiveFrame] = []
            async for frame in session.run():
                frames.append(frame)
                if frame.end_of_speech:
                    break
                clock.pass_time(0.05)
            assert voice_of(frames)[: len(pcm)] == pcm
            without = [frame for frame in frames if not frame.has_image]
            assert 3 < len(without) < len(frames)
            assert session.dropped_pictures == len(without)

    with caplog.at_level(logging.WARNING, "joystudio.live"):
        run(story)
    assert len([one for one in caplog.records if one.name == "joystudio.live"]) == 1


def test_a_session_that_stood_still_in_silence_goes_on_from_now(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, clock):
            reader = session.run()
            await anext(reader)
            clock.pass_time(5.0)
            await anext(reader)
            before = clock.now()
            for _ in range(10):
                await anext(reader)
            assert abs(clock.now() - before - 0.4) < 1e-6

    run(story)


def test_a_voice_with_a_lead_is_ahead_of_the_clock_by_so_much_and_no_more(
    portrait: Portrait, pcm: bytes
) -> None:
    async def story() -> None:
        async with opened(portrait, lead_ms=120) as (session, clock):
            reader = session.run()
            await anext(reader)
            begun = clock.now()
            await session.push_audio(pcm, RATE, last_chunk=True)
            times: list[float] = []
            frames: list[LiveFrame] = []
            while not frames or not frames[-1].end_of_speech:
                frames.append(await anext(reader))
                times.append(round(clock.now() - begun, 6))
            assert times[:5] == [0, 0, 0, 0.04, 0.08]
            assert times[-1] == pytest.approx(0.04 * (len(frames) - 3))
            assert voice_of(frames)[: len(pcm)] == pcm
            await anext(reader)
            assert clock.now() - begun == pytest.approx(0.04 * len(frames)), "silence keeps to the clock"

    run(story)


def test_a_lead_makes_no_microphone_earlier(portrait: Portrait, pcm: bytes) -> None:
    async def times(**how: float) -> list[tuple[float, bool]]:
        async with opened(portrait, **how) as (session, clock):
            reader, begun, found = session.run(), clock.now(), []
            for number, start in enumerate(range(0, len(pcm), 1280)):
                clock.pass_time(max(begun + 0.04 * number - clock.now(), 0.0))  # 40 ms in every 40 ms
                await session.push_audio(pcm[start : start + 1280], RATE)
                frame = await anext(reader)
                found.append((round(clock.now() - begun, 6), frame.speaking))
            return found

    async def story() -> None:
        assert await times(lead_ms=200) == await times()

    run(story)


def test_after_an_interruption_a_led_mouth_closes_at_once_and_the_next_voice_begins(
    portrait: Portrait, pcm: bytes
) -> None:
    async def story() -> None:
        async with opened(portrait, lead_ms=120) as (session, clock):
            reader = session.run()
            for _ in range(2):
                await session.push_audio(pcm, RATE)
                while not (await anext(reader)).speaking:
                    pass
                for _ in range(4):
                    assert (await anext(reader)).speaking
                session.interrupt()
                before = clock.now()
                assert not (await anext(reader)).speaking
                assert clock.now() - before <= 0.04 + 1e-6
                await session.push_audio(pcm, RATE)
                before = clock.now()
                assert (await anext(reader)).speaking
                assert clock.now() - before <= 0.04 + 1e-6
                session.interrupt()
                for _ in range(10):
                    await anext(reader)

    run(story)
