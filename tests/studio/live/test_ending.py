"""How a session ends."""

from __future__ import annotations

import asyncio

import pytest

from media.errors import LiveEnded
from media.portrait import Portrait
from studio.live import LivePlaces
from studio.settings import Settings
from tests.studio.live.sessions import RATE, opened, run


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
