"""A clock for live sessions that needs no time."""

from __future__ import annotations

import asyncio

from studio.live.pace import WallClock

LONG = 1.0
"""Waits up to this pass at once; longer ones, of watchers, when the test says so."""


class VirtualClock(WallClock):
    """Time passes when a reader waits for a frame, or by `pass_time`."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._passing = asyncio.Event()

    def now(self) -> float:
        return self._now

    def pass_time(self, seconds: float) -> None:
        """Let time pass while no reader waits."""
        self._now += seconds
        self._passing.set()
        self._passing = asyncio.Event()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        for _ in range(3):  # what others are about to do happens first
            await asyncio.sleep(0)
        if event.is_set():
            return
        if seconds is None:
            await event.wait()
        elif seconds <= LONG:
            self._now += max(seconds, 0.0)
        else:
            waits = [asyncio.ensure_future(one.wait()) for one in (event, self._passing)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in waits:
                    one.cancel()
