"""A voice that is interrupted."""

from __future__ import annotations

import asyncio

import pytest

from media.portrait import Portrait
from studio.live import LiveFrame
from tests.studio.live.sessions import RATE, opened, run, sound_of, voice_of
from tests.studio.live.talker import Talk


def test_an_interruption_drops_the_sound_at_once_and_says_where(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            await session.push_audio(pcm, RATE, message_id="first")
            frames = [await anext(reader) for _ in range(12)]
            played = sum(frame.speaking for frame in frames)
            told = session.interrupt()
            assert told.position == played / 25
            assert told.source_message_id == "first"
            assert told.dropped == pytest.approx(len(pcm) / 2 / RATE - told.position)
            after = [await anext(reader) for _ in range(10)]
            assert not sound_of(after).any()
            assert session.waiting_seconds == 0.0

    run(story)


def test_a_frame_that_is_being_painted_is_handed_out_in_silence(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, _):
            await session.push_audio(pcm, RATE)
            reader = session.run()
            await anext(reader)
            painting = asyncio.ensure_future(anext(reader))
            await asyncio.sleep(0)
            told = session.interrupt()
            frame = await painting
            assert told.position == 1 / 25
            assert not frame.speaking
            assert not frame.samples.any()

    run(story)


def test_replies_are_clean_however_often_one_is_interrupted(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            for number in range(20):
                await session.push_audio(pcm, RATE, message_id=str(number))
                frames: list[LiveFrame] = []
                while sum(frame.speaking for frame in frames) < 3:
                    frames.append(await anext(reader))
                said = [frame for frame in frames if frame.speaking]
                assert {frame.source_message_id for frame in said} == {str(number)}
                assert voice_of(said) == pcm[: 3 * 1280]
                assert session.interrupt().position == 3 / 25

    run(story)


def test_what_waits_to_be_pushed_is_dropped_too(portrait: Portrait) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            pushing = asyncio.create_task(session.push_audio(b"\1\0" * RATE * 30, RATE))
            for _ in range(60):
                await asyncio.sleep(0)
            assert not pushing.done(), "push_audio waits while 20 s wait"
            assert 20 < session.waiting_seconds < 22
            session.interrupt()
            await pushing
            assert session.waiting_seconds == 0.0

    run(story)


def test_without_a_pace_silence_comes_only_to_close_the_mouth(
    portrait: Portrait, talk: Talk, pcm: bytes
) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker", paced=False) as (session, _):
            reader = session.run()
            session.interrupt()
            await session.flush()
            waiting = asyncio.ensure_future(anext(reader))
            for _ in range(6):
                await asyncio.sleep(0)
            assert not waiting.done(), "nothing was spoken"
            await session.push_audio(pcm, RATE)
            assert (await waiting).speaking
            session.interrupt()
            assert not any([(await anext(reader)).speaking for _ in range(5)])
            session.interrupt()
            await session.push_audio(pcm, RATE)
            assert (await anext(reader)).speaking

    run(story)
