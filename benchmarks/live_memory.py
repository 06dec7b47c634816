"""Memory of live sessions: of those that come and go on a server, and of one that lasts."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.figures import Figure
from media.portrait import Portrait
from studio.live import LivePlaces, LiveSession
from studio.settings import Settings

RATE = 48000
OPENED = 200
WARM = 40
"""Sessions before those: what is loaded and kept for the first ones is not growth."""
LASTS, SETTLED = 90, 30
"""Seconds of speech, and those of them that come before the memory is measured."""


def megabytes(others: Sequence[int] = ()) -> float:
    """The memory that this process and others hold, by their numbers: in RAM or swapped out.

    Pages of files do not count: the system drops and loads them as it likes. Neither does what the allocator
    of this process keeps of memory that was given back.

    Each thread has an area of the allocator, which grows to the most that was used in it at a time: another
    order of the threads' work changes the resident size by tens of megabytes without any growth.
    """
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    return sum(_held(Path(f"/proc/{pid}/status")) for pid in ("self", *others)) / 1000


def _held(status: Path) -> float:
    """Kilobytes, from a process's status."""
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    return sum(float(fields[name].split()[0]) * 1.024 for name in ("RssAnon", "RssShmem", "VmSwap"))


async def come_and_go(portrait: Portrait) -> float:
    """Megabytes that are left of OPENED sessions, one after another on a server."""
    places = LivePlaces(Settings())

    async def once() -> None:
        async with await LiveSession.open(portrait, paced=False, places=places) as session:
            await session.push_audio(bytes(RATE // 5 * 2), RATE)
            await anext(session.run())

    async def least() -> float:
        """The least after each of a few sessions: what one of them still holds is not growth."""
        sizes = []
        for _ in range(5):
            await once()
            sizes.append(megabytes(places.processes.pids if places.processes else ()))
        return min(sizes)

    for _ in range(WARM):
        await once()
    before = await least()
    for _ in range(OPENED):
        await once()
    grown = await least() - before
    places.close()
    return grown


async def last(portrait: Portrait, second: bytes) -> float:
    """Megabytes by which one session grows in a minute. second: of a voice at RATE."""
    before = 0.0
    async with await LiveSession.open(portrait, paced=False) as session:
        reader = session.run()
        for number in range(LASTS):
            if number == SETTLED:
                before = megabytes()
            await session.push_audio(second, RATE)
            while session.ready:
                await anext(reader)
        return megabytes() - before


def memory_figures(portrait: Portrait, second: bytes) -> Iterator[Figure]:
    """second: of a voice at RATE."""
    grown = asyncio.run(come_and_go(portrait))
    yield Figure(f"memory after {OPENED} sessions were opened and closed", grown, "MB", 5, at_least=False)
    grown = asyncio.run(last(portrait, second))
    yield Figure("memory after one more minute of speech", grown, "MB", 5, at_least=False)
