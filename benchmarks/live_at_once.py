"""One live session, and several at the same time as on a server: how many frames come too late.

Each hears a microphone of its own: 20 ms of sound every 20 ms, by the clock, which begin evenly spread over a
frame. Unlike the other figures, these depend on everything that the machine does.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.figures import Figure
from media.portrait import Portrait
from studio.live import LivePlaces, LiveSession
from studio.settings import Settings

RATE = 48000
PIECE = 0.02
SESSIONS = 8
"""How many speak at the same time."""
SECONDS = 60.0


@dataclass
class Watched:
    """What a reader saw of its session."""

    frames: int = 0
    late: int = 0
    """Frames that came more than a frame after their time."""
    without_picture: int = 0
    delays: list[float] = field(default_factory=list)
    """Of the frames that speak, in milliseconds."""
    lag: float = 0.0
    """Seconds from the last frame's time to the frame."""
    _beat: float = np.inf

    def saw(self, index: int, now: float, fps: int) -> None:
        """A frame came. The first frame's time is the earliest that fits to a later one's."""
        self._beat = min(self._beat, now - index / fps)
        self.frames += 1
        self.lag = now - (self._beat + index / fps)
        self.late += self.lag > 1 / fps


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


def processor_seconds(places: LivePlaces) -> float:
    """Of this process and those that paint."""
    ticks = 0
    for pid in places.processes.pids if places.processes else ():
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


async def watched(portrait: Portrait, pcm: bytes, sessions: int) -> tuple[list[Watched], float]:
    """Sessions that speak at the same time, and the processor time of all of them in seconds."""
    places = LivePlaces(Settings(live_sessions=sessions))
    opened = [await LiveSession.open(portrait, seed=number, places=places) for number in range(sessions)]

    async def watch_from(number: int, session: LiveSession) -> Watched:
        await asyncio.sleep(number / sessions / session.settings.FPS)
        return await watch(session, pcm)

    try:
        began = processor_seconds(places)
        seen = await asyncio.gather(*(watch_from(*numbered) for numbered in enumerate(opened)))
        return list(seen), processor_seconds(places) - began
    finally:
        for session in opened:
            await session.shutdown()
        places.close()


def figures_by_the_clock(portrait: Portrait, pcm: bytes) -> Iterator[Figure]:
    """pcm: SECONDS of a voice at RATE."""
    yield from _figures("late frames of a session alone", portrait, pcm, 1, 0.001)
    yield from _figures(f"late frames of {SESSIONS} sessions at once", portrait, pcm, SESSIONS, 0.0)


def _figures(name: str, portrait: Portrait, pcm: bytes, sessions: int, most: float) -> Iterator[Figure]:
    """most: the largest share of late frames."""
    seen, seconds = asyncio.run(watched(portrait, pcm, sessions))
    frames, late = sum(one.frames for one in seen), sum(one.late for one in seen)
    left_out = sum(one.without_picture for one in seen)
    lag = 1000 * max(one.lag for one in seen)
    delays = np.concatenate([one.delays for one in seen])
    yield Figure(f"{name} ({frames})", late, "", most * frames, at_least=False)
    yield Figure("  frames without a picture", left_out, "", most * frames, at_least=False)
    yield Figure("  last frame after its time", lag, "ms", 40, at_least=False)
    yield Figure("  sound complete to picture ready, 95 of 100", float(np.percentile(delays, 95)), "ms")
    yield Figure("  share of one core, together", seconds / (len(pcm) / 2 / RATE), "")
