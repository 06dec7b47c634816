"""One live session by the clock for half an hour: python -m benchmarks.live_long [--minutes 30]

It hears a microphone, 20 ms of sound every 20 ms: a voice for 20 s, then 5 s of silence, over and over. Its
frames are those of a server, painted by a process of its own. Printed are how far its clock has drifted from
the machine's, how many frames came more than a frame after their time or without a picture, and how much
memory both processes have more at the end than after two minutes.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import cycle

import numpy as np

from benchmarks.figures import Figure, parser, report
from benchmarks.live import PORTRAIT, voice
from benchmarks.live_at_once import PIECE, RATE
from benchmarks.live_memory import megabytes
from media.portrait import open_portrait
from studio.live import LivePlaces, LiveSession
from studio.settings import Settings

SPEAKS, RESTS = 20.0, 5.0
"""Seconds."""
WARM = 120.0
"""Seconds before the memory is measured for the first time."""
ENDS = 10.0
"""Seconds at the beginning and at the end that are compared."""


class FramesSeen:
    """What the reader saw, in arrays that are full from the beginning: they must not look like growth."""

    def __init__(self, frames: int) -> None:
        self.frames = 0
        self.came = np.full(frames, np.nan)
        """When each frame came, in seconds of the machine's clock."""
        self.delays = np.full(frames, np.nan)
        """From the last sound that a frame waits for to the frame, in seconds."""

    def saw(self, now: float, delay: float | None) -> None:
        """A frame came."""
        self.came[self.frames] = now
        self.delays[self.frames] = np.nan if delay is None else delay
        self.frames += 1

    def lags(self, fps: int) -> np.ndarray:
        """Seconds that each frame came after its time, by the earliest that fits to all."""
        beats = self.came[: self.frames] - np.arange(self.frames) / fps
        return np.asarray(beats - beats.min())


async def speak(session: LiveSession, over: asyncio.Event) -> None:
    """Push the microphone's sound until it is over."""
    sound = voice(SPEAKS) + bytes(2 * round(RESTS * RATE))
    size, begun = 2 * round(PIECE * RATE), time.monotonic()
    for number, start in enumerate(cycle(range(0, len(sound), size))):
        await asyncio.sleep(begun + number * PIECE - time.monotonic())
        if over.is_set():
            break
        await session.push_audio(sound[start : start + size], RATE)


async def watched(minutes: float) -> tuple[FramesSeen, int, int, float]:
    """What was seen, frames without a picture, frames per second, and megabytes of growth."""
    places = LivePlaces(Settings(live_painters=1))
    over, before = asyncio.Event(), 0.0
    try:
        async with await LiveSession.open(open_portrait(PORTRAIT), places=places) as session:
            fps = session.settings.FPS
            pids = places.processes.pids if places.processes else []
            seen, speaking = FramesSeen(round(minutes * 60 * fps)), asyncio.create_task(speak(session, over))
            warm = min(round(WARM * fps), len(seen.came) // 2)
            async for frame in session.run():
                seen.saw(time.monotonic(), frame.delay)
                if seen.frames == warm:
                    before = megabytes(pids)
                if seen.frames == len(seen.came):
                    break
            grown = megabytes(pids) - before
            over.set()
            await speaking
            return seen, session.dropped_pictures, fps, grown
    finally:
        places.close()


def figures(minutes: float) -> Iterator[Figure]:
    """Measure for so many minutes."""
    seen, without_picture, fps, grown = asyncio.run(watched(minutes))
    lags, count = seen.lags(fps), round(ENDS * fps)
    late, most = int((lags > 1 / fps).sum()), 0.001 * seen.frames
    drift = 1000 * abs(float(np.median(lags[-count:]) - np.median(lags[:count])))
    yield Figure(f"{minutes:g} minutes: drift", drift, "ms", 1000 / fps, at_least=False)
    yield Figure(f"  late frames, of {seen.frames}", late, "", most, at_least=False)
    yield Figure("  frames without a picture", without_picture, "", most, at_least=False)
    yield Figure("  memory of both processes, growth", grown, "MB", 5, at_least=False)
    for name, part in (("first", slice(count)), ("last", slice(-count, None))):
        delay = 1000 * float(np.nanmedian(seen.delays[: seen.frames][part]))
        yield Figure(f"  sound complete to frame, median of the {name} {ENDS:g} s", delay, "ms")


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--minutes", type=float, default=30.0, help="how long the session lasts")
    chosen = arguments.parse_args()
    return report(figures(chosen.minutes), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
