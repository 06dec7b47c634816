"""Opens sessions under a clock that needs no time, and reads them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from media.portrait import Portrait
from studio.live import LiveFrame, LiveSession
from tests.studio.live.virtual_clock import VirtualClock

RATE = 16000


@asynccontextmanager
async def opened(portrait: Portrait, **how: Any) -> AsyncIterator[tuple[LiveSession, VirtualClock]]:
    clock = VirtualClock()
    async with await LiveSession.open(portrait, clock=clock, **how) as session:
        yield session, clock


async def frames_of(session: LiveSession, count: int) -> list[LiveFrame]:
    """The next frames; the session can be read on after them."""
    found: list[LiveFrame] = []
    async for frame in session.run():
        found.append(frame)
        if len(found) == count:
            break
    return found


async def spoken(
    portrait: Portrait, pcm: bytes, sizes: Sequence[int], *, rate: int = RATE, late: bool = True, **how: Any
) -> list[LiveFrame]:
    """The frames of one voice without a pace, pushed in pieces of these sizes in bytes, again and again.

    late: announce its end once every frame was read that does not wait for it, and not with the last piece.
    """
    async with opened(portrait, paced=False, **how) as (session, _):

        async def push() -> None:
            start = number = 0
            while start < len(pcm):
                size = sizes[number % len(sizes)]
                last = start + size >= len(pcm)
                await session.push_audio(pcm[start : start + size], rate, last and not late)
                await asyncio.sleep(0)
                start, number = start + size, number + 1
            while session.ready and late:
                await asyncio.sleep(0)
            await session.flush()

        pushing = asyncio.create_task(push())
        frames = []
        async for frame in session.run():
            frames.append(frame)
            if frame.end_of_speech:
                break
        await pushing
        return frames


def picture(frame: LiveFrame) -> np.ndarray:
    assert frame.rgb_image is not None
    return frame.rgb_image


def sound_of(frames: Sequence[LiveFrame]) -> np.ndarray:
    return np.concatenate([frame.samples for frame in frames])


def voice_of(frames: Sequence[LiveFrame]) -> bytes:
    return b"".join(frame.audio_chunk.bytes for frame in frames if frame.audio_chunk)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]
