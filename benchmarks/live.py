"""Measures live sessions: python -m benchmarks.live

Processor time is that of this process, in shares of one core: a session without a pace is timed over a
stretch of speech or silence and divided by the stretch's seconds. Encoding and sending are not in it. The
delay is processor time, too, from the last sound that a frame waits for to its picture: a busy machine
changes it little. The closed lips are those of held-out sentences.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.live_closures import closure_figures
from engines.live import LiveFace
from media.portrait import Portrait, open_portrait
from media.speech import open_speech
from studio.live import LiveFrame, LivePlaces, LiveSession
from studio.settings import Settings

PORTRAIT = EXAMPLES / "portraits" / "astronaut.png"
VOICE = EXAMPLES / "voices" / "english-woman.wav"
RATE = 48000
SPEAKING, IDLE = 20.0, 20.0
REPLIES = 100
OPENED = 200
WARM = 80
"""Sessions before those: the allocator keeps an area for every thread that ran at the same time."""


def voice(seconds: float) -> bytes:
    """PCM of the example voice at RATE, repeated."""
    import soxr

    samples = soxr.resample(open_speech(VOICE).samples, 16000, RATE)
    pcm = np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2")
    return np.resize(pcm, round(seconds * RATE)).tobytes()


def megabytes() -> float:
    """The resident size of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


async def speaking_share(portrait: Portrait) -> tuple[float, np.ndarray, float]:
    """Processor share of one core, delays in milliseconds of processor time, share of frames that changed."""
    pcm = voice(SPEAKING)
    async with await LiveSession.open(portrait, paced=False) as session:
        size = 2 * RATE // 50
        delays, changed, frames = [], 0, 0
        reader = session.run()
        began = time.process_time()
        for start in range(0, len(pcm), size):
            came = time.process_time()
            await session.push_audio(pcm[start : start + size], RATE)
            if session.ready:
                frame = await anext(reader)
                delays.append(1000 * (time.process_time() - came))
                changed, frames = changed + frame.changed, frames + 1
        share = (time.process_time() - began) / SPEAKING
    return share, np.array(delays), changed / frames


def idle_share(face: LiveFace, seconds: float) -> tuple[float, float]:
    """Processor share of one core, and the share of frames that changed."""
    silence, nothing = np.zeros(16000 // face.fps, np.float32), np.zeros(0, np.float32)
    frames, changed = round(seconds * face.fps), 0
    for _ in range(5 * face.fps):  # the network still hears the beginning
        face.listen(silence, nothing, ended=True)
        face.paint()
    began = time.process_time()
    for _ in range(frames):
        face.listen(silence, nothing, ended=True)
        changed += face.paint().changed
    return (time.process_time() - began) / seconds, changed / frames


async def replies(portrait: Portrait) -> tuple[int, int]:
    """How many of REPLIES replies after an interruption were clean, and voiced frames that came too late."""
    pcm = voice(2.0)
    clean = late = 0
    async with await LiveSession.open(portrait, paced=False) as session:
        reader = session.run()
        for number in range(REPLIES):
            await session.push_audio(pcm, RATE, message_id=str(number))
            first: list[LiveFrame] = []
            while sum(frame.speaking for frame in first) < 3 + number % 7:
                first.append(await anext(reader))
            said = [frame for frame in first if frame.speaking]
            late += sum(frame.source_message_id != str(number) for frame in said)
            sound = b"".join(frame.samples.tobytes() for frame in said)
            told = session.interrupt()
            clean += sound == pcm[: len(sound)] and told.position == len(said) / session.settings.FPS
    return clean, late


async def growth(portrait: Portrait) -> Iterator[Figure]:
    """Memory of sessions that are opened and closed as on a server, and of one that lasts."""
    places = LivePlaces(Settings())

    async def once() -> None:
        async with await LiveSession.open(portrait, paced=False, places=places) as session:
            await session.push_audio(bytes(RATE // 5 * 2), RATE)
            await anext(session.run())

    for _ in range(WARM):
        await once()
    gc.collect()
    before = megabytes()
    for _ in range(OPENED):
        await once()
    gc.collect()
    opened = megabytes() - before
    async with await LiveSession.open(portrait, paced=False) as session:
        reader, piece = session.run(), voice(1.0)
        for second in range(90):
            if second == 30:
                gc.collect()
                before = megabytes()
            await session.push_audio(piece, RATE)
            while session.ready:
                await anext(reader)
    gc.collect()
    return iter(
        [
            Figure(f"memory after {OPENED} sessions were opened and closed", opened, "MB", 5, at_least=False),
            Figure("memory after one more minute of speech", megabytes() - before, "MB", 5, at_least=False),
        ]
    )


def figures() -> Iterator[Figure]:
    """Measure, one figure after the other."""
    from engines.preview.engine import PreviewEngine
    from engines.preview.options import PreviewOptions

    portrait = open_portrait(PORTRAIT)
    share, delays, changed = asyncio.run(speaking_share(portrait))
    yield Figure("a session that speaks: share of one core", share, "", 0.2, at_least=False)
    yield Figure("  frames that change", 100 * changed, "%")
    yield Figure(
        "  sound complete to picture ready, median", float(np.median(delays)), "ms", 10, at_least=False
    )
    yield Figure("  the same, 95 of 100", float(np.percentile(delays, 95)), "ms", 20, at_least=False)
    face = PreviewEngine().live(portrait, PreviewOptions(), 0, 0.08)
    share, changed = idle_share(face, IDLE)
    yield Figure("a session in silence: share of one core", share, "", 0.08, at_least=False)
    yield Figure("  frames that change", 100 * changed, "%")
    clean, late = asyncio.run(replies(portrait))
    yield Figure(f"clean replies after {REPLIES} interruptions", float(clean), "", REPLIES)
    yield Figure("voiced frames after an interruption", float(late), "", 0, at_least=False)
    yield from asyncio.run(growth(portrait))
    yield from closure_figures()


def main() -> int:
    return report(figures(), as_json=parser(__doc__ or "").parse_args().json)


if __name__ == "__main__":
    sys.exit(main())
