"""Who reads a session's frames: one reader at a time, which may give up waiting and read on."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from media.errors import LiveError
from media.portrait import Portrait
from studio.live import LiveFrame, LivePlaces
from studio.settings import Settings
from tests.studio.live.sessions import RATE, opened, picture, run, voice_of
from tests.studio.live.talker import Talk


def test_one_reader_at_a_time(portrait: Portrait, talk: Talk, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker", paced=False) as (session, _):
            first, second = session.run(), session.run()
            waiting = asyncio.ensure_future(anext(first))
            await asyncio.sleep(0)
            with pytest.raises(LiveError, match="One reader"):
                await anext(second)
            with pytest.raises(LiveError, match="One reader"):
                await anext(first)
            await session.push_audio(pcm, RATE)
            assert (await waiting).frame_index == 0
            assert (await anext(second)).frame_index == 1
            with pytest.raises(LiveError, match="One reader"):
                await anext(first)
            assert (await anext(second)).frame_index == 2
            await second.aclose()
            with pytest.raises(StopAsyncIteration):
                await anext(second)
            assert (await anext(session.run())).frame_index == 3

    run(story)


def test_a_loop_goes_on_where_another_broke_off(portrait: Portrait, talk: Talk, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker") as (session, _):
            await session.push_audio(pcm, RATE, last_chunk=True)
            frames: list[LiveFrame] = []
            while not frames or not frames[-1].end_of_speech:
                async for frame in session.run():
                    frames.append(frame)
                    if len(frames) % 4 == 0 or frame.end_of_speech:
                        break
            assert voice_of(frames)[: len(pcm)] == pcm
            assert [frame.frame_index for frame in frames] == list(range(33))
            assert [frame.frame_index for frame in frames if frame.changed] == list(range(0, 33, 4))

    run(story)


def test_a_reader_that_gives_up_waiting_loses_nothing(portrait: Portrait, talk: Talk, pcm: bytes) -> None:
    async def story() -> None:
        places = LivePlaces(Settings())
        places.painters = ThreadPoolExecutor(4)
        async with opened(portrait, engine="talker", places=places) as (session, _):
            await session.push_audio(pcm, RATE, last_chunk=True)
            reader, frames = session.run(), list[LiveFrame]()
            while not frames or not frames[-1].end_of_speech:
                talk.may_paint.clear()
                session.set_options(level=len(frames) + 1)
                if len(frames) % 5 == 2:  # another one goes on
                    reader = session.run()
                for _ in range(2):
                    waiting = asyncio.ensure_future(anext(reader))
                    for _ in range(6):
                        await asyncio.sleep(0)
                    waiting.cancel()
                    with pytest.raises(asyncio.CancelledError):
                        await waiting
                talk.may_paint.set()
                frames.append(await anext(reader))
            assert voice_of(frames)[: len(pcm)] == pcm
            assert [frame.frame_index for frame in frames] == list(range(33))
            assert all(frame.changed for frame in frames)
            assert [one.level for one in talk.heard] == list(range(1, 34))
            assert talk.most_at_once == 1

    run(story)


def test_an_interruption_reaches_a_frame_that_nobody_waits_for(
    portrait: Portrait, talk: Talk, pcm: bytes
) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker", paced=False) as (session, _):
            await session.push_audio(pcm, RATE)
            reader = session.run()
            await anext(reader)
            talk.may_paint.clear()
            waiting = asyncio.ensure_future(anext(reader))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            told = session.interrupt()
            assert told.position == 1 / 25
            assert told.dropped == pytest.approx(len(pcm) / 2 / RATE - 1 / 25)
            assert session.interrupt().dropped == 0.0
            talk.may_paint.set()
            silent = [await anext(reader) for _ in range(6)]
            assert not any(frame.speaking or frame.samples.any() for frame in silent)
            assert [one.interruptions for one in talk.heard] == [0, 0, 1, 1, 1, 1, 1]

    run(story)


def test_a_picture_counts_as_changed_if_the_frame_before_did_not_have_it(
    portrait: Portrait, talk: Talk, pcm: bytes
) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker") as (session, clock):
            reader = session.run()
            assert [(await anext(reader)).changed for _ in range(4)] == [True, False, False, False]
            clock.pass_time(0.09)
            assert not (await anext(reader)).has_image
            frames = [await anext(reader) for _ in range(3)]
            assert [frame.changed for frame in frames if frame.has_image] == [True, False, False]
            again = await anext(session.run())
            assert again.changed
            np.testing.assert_array_equal(picture(again), session.get_first_frame())

    run(story)
