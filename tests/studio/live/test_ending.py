"""How a session ends."""

from __future__ import annotations

import asyncio
import math

import pytest

from media.errors import LiveEnded
from media.portrait import Portrait
from studio.live import LivePlaces
from studio.settings import Settings
from tests.studio.live.sessions import RATE, opened, run
from tests.studio.live.talker import Talk


def test_a_session_that_is_never_read_ends(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        places = LivePlaces(Settings())
        async with opened(portrait, places=places) as (session, clock):
            await session.push_audio(pcm, RATE)
            for _ in range(5):
                clock.pass_time(2.6)
                for _ in range(10):
                    await asyncio.sleep(0)
            assert places.taken == 0
            with pytest.raises(LiveEnded, match="nothing read its frames"):
                await session.push_audio(pcm, RATE)
            with pytest.raises(LiveEnded, match="nothing read its frames"):
                await anext(session.run())

    run(story)


def test_a_reader_that_waits_for_sound_is_not_ended(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, clock):
            waiting = asyncio.ensure_future(anext(session.run()))
            for _ in range(10):
                clock.pass_time(10.0)
                await asyncio.sleep(0)
            await session.push_audio(pcm, RATE)
            assert (await waiting).speaking

    run(story)


def test_after_its_end_a_session_says_so(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            reader = session.run()
            await anext(reader)
            await session.shutdown()
            await session.shutdown()
            assert [frame async for frame in reader] == []
            for call in (session.interrupt, session.set_options):
                with pytest.raises(LiveEnded, match="shut down"):
                    call()
            with pytest.raises(LiveEnded, match="shut down"):
                await session.flush()

    run(story)


def test_an_error_while_painting_ends_the_session_and_says_so_to_all(
    portrait: Portrait, talk: Talk, pcm: bytes
) -> None:
    async def story() -> None:
        places = LivePlaces(Settings())
        async with opened(portrait, engine="talker", places=places) as (session, _):
            reader = session.run()
            await anext(reader)
            talk.failure = MemoryError()
            found = []
            for _ in range(2):
                with pytest.raises(LiveEnded, match="because of an error: MemoryError") as told:
                    await anext(reader)
                assert told.value.__cause__ is talk.failure
                found.append(told.value)
            with pytest.raises(LiveEnded, match="because of an error") as told:
                await session.push_audio(pcm, RATE)
            assert len({id(one) for one in [*found, told.value]}) == 3
            assert places.taken == 0

    run(story)


def test_an_error_that_no_reader_waits_for_is_no_fault_of_the_end(portrait: Portrait, talk: Talk) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker") as (session, _):
            reader = session.run()
            talk.may_paint.clear()
            talk.failure = RuntimeError("broken")
            waiting = asyncio.ensure_future(anext(reader))
            for _ in range(6):
                await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            talk.may_paint.set()
            await session.shutdown()
            assert [frame async for frame in session.run()] == []

    run(story)


def test_a_session_without_a_pace_may_rest_but_not_without_end(
    portrait: Portrait, talk: Talk, pcm: bytes
) -> None:
    async def story() -> None:
        places = LivePlaces(Settings())
        async with opened(portrait, engine="talker", paced=False, places=places) as (session, clock):

            async def rest(seconds: float) -> None:
                for _ in range(round(seconds / 2.6)):
                    clock.pass_time(2.6)
                    for _ in range(6):
                        await asyncio.sleep(0)

            await rest(280)
            await session.push_audio(pcm[:640], RATE)
            await rest(280)
            assert places.taken == 1
            await rest(30)
            assert places.taken == 0
            with pytest.raises(LiveEnded, match="nothing used it for"):
                await session.push_audio(pcm, RATE)

    run(story)


def test_a_program_may_leave_a_session_alone_as_long_as_it_likes(portrait: Portrait, talk: Talk) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker", unread_seconds=math.inf) as (session, clock):
            await anext(session.run())
            for _ in range(20):
                clock.pass_time(1000.0)
                for _ in range(6):
                    await asyncio.sleep(0)
            assert (await anext(session.run())).frame_index == 1

    run(story)
