"""Measures live sessions: python -m benchmarks.live

Processor time is that of this process, in shares of one core: a session without a pace is timed over a
stretch of speech or silence and divided by the stretch's seconds. Encoding and sending are not in it. The
delay is processor time, too, from the last sound that a frame waits for to its picture: a busy machine
changes it little. Sessions at once run by the clock, with the processes that paint them. Closed lips are
those of held-out voices.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import EXAMPLES, Figure, parser, report
from benchmarks.live_at_once import SECONDS, figures_by_the_clock
from benchmarks.live_closures import add_cache, closure_figures
from benchmarks.live_memory import memory_figures
from engines.live import LiveFace
from media.portrait import Portrait, open_portrait
from media.voice import open_voice
from studio.live import LiveFrame, LiveSession

PORTRAIT = EXAMPLES / "portraits" / "astronaut.png"
VOICE = EXAMPLES / "voices" / "english-woman.wav"
RATE = 48000
SPEAKING, IDLE = 20.0, 20.0
REPLIES = 100


def voice(seconds: float) -> bytes:
    """PCM of the example voice at RATE, repeated."""
    import soxr

    samples = soxr.resample(open_voice(VOICE).samples, 16000, RATE)
    pcm = np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2")
    return np.resize(pcm, round(seconds * RATE)).tobytes()


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
        before = face.paint()
    began = time.process_time()
    for _ in range(frames):
        face.listen(silence, nothing, ended=True)
        picture = face.paint()
        changed += picture is not before
        before = picture
    return (time.process_time() - began) / seconds, changed / frames


async def replies(portrait: Portrait) -> tuple[int, int]:
    """How many of REPLIES replies were clean, and how many frames after an interruption carried old sound.

    Each is interrupted while a frame is being painted, and followed by the next at once.
    """
    pcm = voice(2.0)
    clean = stray = 0
    async with await LiveSession.open(portrait, paced=False) as session:
        reader = session.run()
        for number in range(REPLIES):
            await session.push_audio(pcm, RATE, message_id=str(number))
            said: list[LiveFrame] = []
            while len(said) < 3 + number % 7:
                frame = await anext(reader)
                if frame.source_message_id == str(number):
                    said.append(frame)
                else:
                    stray += bool(frame.samples.any())
            painting = asyncio.ensure_future(anext(reader))
            await asyncio.sleep(0)
            told = session.interrupt()
            stray += bool((await painting).samples.any())
            sound = b"".join(frame.samples.tobytes() for frame in said)
            clean += sound == pcm[: len(sound)] and told.position == len(said) / session.settings.FPS
    return clean, stray


def figures(cache: Path) -> Iterator[Figure]:
    """Measure, one figure after the other. cache: see `closure_figures`."""
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
    yield from figures_by_the_clock(portrait, voice(SECONDS))
    clean, stray = asyncio.run(replies(portrait))
    yield Figure(f"clean replies, of {REPLIES} that were interrupted", float(clean), "", REPLIES)
    yield Figure("  frames after an interruption with old sound", float(stray), "", 0, at_least=False)
    yield from memory_figures(portrait, voice(1.0))
    yield from closure_figures(cache)


def main() -> int:
    arguments = parser(__doc__ or "")
    add_cache(arguments)
    chosen = arguments.parse_args()
    return report(figures(chosen.cache), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
