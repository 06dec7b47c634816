"""Hears a peer's microphone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from media.errors import LiveEnded

Hear = Callable[[bytes, int], Awaitable[None]]
"""Takes mono PCM, 16 bit, little-endian, and its samples per second, as `LiveSession.push_audio` does."""
_MOST_WAITING = 50
"""Packets. A peer may send sound faster than it is spoken; the track itself would keep all of it."""
_log = logging.getLogger("joystudio.live")


async def listen(track: MediaStreamTrack, hear: Hear) -> None:
    """Pass the track's sound on until it ends, or the session does.

    Sound that comes while `hear` waits, and more than a second of it waits already, is left out.
    """
    waiting: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue(_MOST_WAITING)
    hearing = asyncio.create_task(_hear_all(waiting, hear))
    try:
        while not hearing.done():
            frame = await track.recv()
            if isinstance(frame, av.AudioFrame):
                with suppress(asyncio.QueueFull):
                    waiting.put_nowait((mono(frame), frame.sample_rate))
    except MediaStreamError:
        _log.debug("A peer's microphone ended.")
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def _hear_all(waiting: asyncio.Queue[tuple[bytes, int]], hear: Hear) -> None:
    with suppress(LiveEnded):
        while True:
            await hear(*await waiting.get())


def mono(frame: av.AudioFrame) -> bytes:
    """A frame of interleaved int16 as mono PCM."""
    samples = frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
    return samples.mean(axis=1).astype("<i2").tobytes()
