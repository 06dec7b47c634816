"""Where the command `live` takes its voice from: a file, or the standard input."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import TypeVar

from commands.pipes import standard_input
from media.documents.paths import given_path

PIPE = "-"
T = TypeVar("T")
_PIECE = 0.02  # seconds that are read at a time


def voice_from(source: str, rate: int) -> AsyncIterator[tuple[bytes, int]]:
    """Mono PCM of 16 bit with its samples per second, in pieces. rate: of the standard input."""
    return _pipe(rate) if source == PIPE else _file(source)


async def _pipe(rate: int) -> AsyncIterator[tuple[bytes, int]]:
    async for piece in standard_input(2 * max(1, round(_PIECE * rate))):
        yield piece, rate


async def _file(source: str) -> AsyncIterator[tuple[bytes, int]]:
    pieces = _pieces(source)
    try:
        while (piece := await in_thread(lambda: next(pieces, None))) is not None:
            yield piece
    finally:
        pieces.close()


def _pieces(source: str) -> Generator[tuple[bytes, int], None, None]:
    import numpy as np
    import soxr

    from media.sound.mono import MonoMix
    from studio.decoding import decoding_for
    from studio.live.pushed import HIGHEST, LOWEST
    from studio.settings import Settings

    sound, blocks = decoding_for(Settings()).open_sound(given_path(source))
    mix, rate = MonoMix(sound), min(max(sound.rate, LOWEST), HIGHEST)
    stream = None if rate == sound.rate else soxr.ResampleStream(sound.rate, rate, 1, dtype="float32")

    def pcm(mono: np.ndarray, *, last: bool = False) -> tuple[bytes, int]:
        if stream is not None:
            mono = stream.resample_chunk(mono, last=last)
        return np.rint(np.clip(mono, -1.0, 1.0) * 32767.0).astype("<i2").tobytes(), rate

    try:
        for block in blocks:
            yield pcm(mix.add(block))
        yield pcm(np.zeros(0, np.float32), last=True)
    finally:
        blocks.close()


async def in_thread(work: Callable[[], T], *, cancelled: Callable[[], None] = lambda: None) -> T:
    """Run it in a thread. If this is cancelled, the thread is waited for: what it uses is closed then.

    cancelled: called first, if the thread may have to be woken up.
    """
    running = asyncio.get_running_loop().run_in_executor(None, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        cancelled()
        await asyncio.wait([running])
        raise
