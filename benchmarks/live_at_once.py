"""Several live sessions at the same time, as on a server: how many frames come too late.

Each hears a microphone of its own: 20 ms of sound every 20 ms, by the clock. Unlike the other figures, these
depend on everything that the machine does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.figures import Figure
from media.portrait import Portrait
from studio.live import LivePlaces, LiveSession
from studio.settings import Settings

RATE = 48000
PIECE = 0.02
SESSIONS = 8
SECONDS = 20.0


@dataclass
class Watched:
    """What a reader saw of its session."""

    frames: int = 0
    late: int = 0
    """Frames that came more than a frame after their time."""
    without_picture: int = 0
    delays: list[float] = field(default_factory=list)
    """Of the frames that speak, in milliseconds."""
    _beat: float = np.inf

    def saw(self, index: int, now: float, fps: int) -> None:
        """A frame came. The first frame's time is the earliest that fits to a later one's."""
        self._beat = min(self._beat, now - index / fps)
        self.frames += 1
        self.late += now - (self._beat + index / fps) > 1 / fps


async def speak(session: LiveSession, pcm: bytes) -> None:
    """Push a voice as fast as it is spoken."""
    size, begun = 2 * round(PIECE * RATE), time.monotonic()
    for number, start in enumerate(range(0, len(pcm), size)):
        await asyncio.sleep(begun + number * PIECE - time.monotonic())
        await session.push_audio(pcm[start : start + size], RATE)
    await session.flush()


async def watch(session: LiveSession, pcm: bytes) -> Watched:
    """Read a session that hears a voice, to the voice's end."""
    seen, speaking = Watched(), asyncio.create_task(speak(session, pcm))
    async for frame in session.run():
        seen.saw(frame.frame_index, time.monotonic(), session.settings.FPS)
        if frame.delay is not None:
            seen.delays.append(1000 * frame.delay)
        if frame.end_of_speech:
            break
    await speaking
    seen.without_picture = session.dropped_pictures
    return seen


async def watched(portrait: Portrait, pcm: bytes, sessions: int) -> tuple[list[Watched], float]:
    """Sessions that speak at the same time, and the processor time of all of them in seconds."""
    places = LivePlaces(Settings(live_sessions=sessions))
    opened = [await LiveSession.open(portrait, seed=number, places=places) for number in range(sessions)]
    try:
        began = time.process_time()
        seen = await asyncio.gather(*(watch(session, pcm) for session in opened))
        return list(seen), time.process_time() - began
    finally:
        for session in opened:
            await session.shutdown()


def figures_at_once(portrait: Portrait, pcm: bytes, sessions: int = SESSIONS) -> Iterator[Figure]:
    """pcm: SECONDS of a voice at RATE."""
    seen, seconds = asyncio.run(watched(portrait, pcm, sessions))
    frames, late = sum(one.frames for one in seen), sum(one.late for one in seen)
    left_out = sum(one.without_picture for one in seen)
    delays = np.concatenate([one.delays for one in seen])
    yield Figure(f"late frames of {sessions} sessions at once ({frames})", late, "", 0, at_least=False)
    yield Figure("  frames without a picture", left_out, "", 0, at_least=False)
    yield Figure("  sound complete to picture ready, 95 of 100", float(np.percentile(delays, 95)), "ms")
    yield Figure("  share of one core, together", seconds / (len(pcm) / 2 / RATE), "")
