"""Where the command `live` takes its voice from: a file, the standard input or a microphone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from commands.pipes import StandardInput
from media.documents.paths import given_path
from media.documents.quoting import shown
from media.errors import VoiceError

if TYPE_CHECKING:
    import numpy as np

    from media.sound.format import SoundFormat
    from media.sound_stream import SoundBlocks

PIPE = "-"
T = TypeVar("T")
MICROPHONE_RATE = 48000
_PIECE = 0.02  # seconds that are read at a time
_POLL = 0.01  # seconds


@dataclass(frozen=True, kw_only=True)
class ArrivingVoice:
    """A voice that arrives.

    name: for messages. rate: samples per second. pieces: mono PCM of 16 bit, to be read once; raise
    VoiceError or DeviceError. end: ends a voice that has no end of its own, after what has arrived; None for
    a file.
    """

    name: str
    rate: int
    pieces: AsyncIterable[bytes]
    end: Callable[[], None] | None = None
    notes: list[str] = field(default_factory=list)
    """For the user. Some come while it is read."""


@asynccontextmanager
async def opened_voice(source: str, rate: int) -> AsyncIterator[ArrivingVoice]:
    """A file's voice, or that of the standard input. rate: of the standard input. Raises VoiceError."""
    from studio.live.pushed import HIGHEST, LOWEST

    if source == PIPE:
        pipe = StandardInput(2 * max(1, round(_PIECE * rate)))
        yield ArrivingVoice(name="the standard input", rate=rate, pieces=pipe, end=pipe.end)
        return
    sound, blocks = await in_thread(lambda: _open(source))
    its_rate = min(max(sound.rate, LOWEST), HIGHEST)
    notes = list[str](sound.notes)
    pieces = _in_turn(_pieces(sound, blocks, its_rate, notes))
    try:
        yield ArrivingVoice(name=shown(source), rate=its_rate, pieces=pieces, notes=notes)
    finally:
        blocks.close()


@asynccontextmanager
async def microphone_voice(name: str | None) -> AsyncIterator[ArrivingVoice]:
    """The voice of a microphone, which listens once it is read. name: as for it. Raises DeviceError."""
    from media.devices.sound import Microphone

    with Microphone(name, MICROPHONE_RATE) as microphone:
        ended = asyncio.Event()

        async def pieces() -> AsyncIterator[bytes]:
            microphone.listen()
            over = False
            while not over:
                over = ended.is_set()  # then one reading more takes the rest
                if piece := microphone.read():
                    yield piece
                await asyncio.sleep(0 if over else _POLL)

        yield ArrivingVoice(name="the microphone", rate=MICROPHONE_RATE, pieces=pieces(), end=ended.set)


async def _in_turn(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await in_thread(lambda: next(pieces, None))) is not None:
        yield piece


def _open(source: str) -> tuple[SoundFormat, SoundBlocks]:
    from studio.decoding import decoding_for
    from studio.settings import Settings

    return decoding_for(Settings()).open_sound(given_path(source))


def _pieces(sound: SoundFormat, blocks: SoundBlocks, rate: int, notes: list[str]) -> Iterator[bytes]:
    """The sound as PCM; `notes` receives what reading shows. Raises VoiceError."""
    import numpy as np
    import soxr

    from media.sound.mono import MonoMix

    mix = MonoMix(sound)
    stream = None if rate == sound.rate else soxr.ResampleStream(sound.rate, rate, 1, dtype="float32")

    def pcm(mono: np.ndarray, *, last: bool = False) -> bytes:
        if stream is not None:
            mono = stream.resample_chunk(mono, last=last)
        return np.rint(np.clip(mono, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()

    count = 0
    while True:
        try:
            mono = mix.add(next(blocks))
        except StopIteration as end:
            notes += [*(end.value or ()), *mix.notes]
            break
        finite = np.isfinite(mono)
        if not finite.all():
            raise VoiceError(
                "The voice contains a sample at {at:.2f} s that is not a number; export it again.",
                at=(count + int(finite.argmin())) / sound.rate,
            )
        count += len(mono)
        yield pcm(mono)
    yield pcm(np.zeros(0, np.float32), last=True)


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
