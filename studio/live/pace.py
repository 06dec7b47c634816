"""When the frames of a paced session are due: by the wall clock, on a grid that never drifts."""

from __future__ import annotations

import asyncio
import contextlib
import time


class WallClock:
    """The computer's time. Another clock with these methods can take its place."""

    def now(self) -> float:
        """Seconds."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float | None) -> None:
        """Wait until the event is set, but no longer than that; None for no limit."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()


class FrameSchedule:
    """The grid of frames: frame k is due ``k / fps`` seconds after the first.

    A voice may begin up to one frame before the grid, so that it need not wait for it, and keeps that lead to
    its end; the silence after it returns to the grid. So the frames' number and the clock never drift apart.

    most_lead: seconds that a voice may be ahead of the grid while its sound is there, for a player that plays
    by a clock of its own and must not run dry.
    """

    GIVE_UP = 1.0
    """Seconds behind at which a silent session continues from now, instead of catching up."""

    def __init__(self, fps: int, now: float, most_lead: float = 0.0) -> None:
        self._frame, self._most_lead = 1.0 / fps, most_lead
        self._next = now
        self._lead = 0.0

    def due(self, *, ahead: bool = False) -> float:
        """When the next frame is due. ahead: it may be as early as `most_lead` allows."""
        return self._next - (max(self._lead, self._most_lead) if ahead else self._lead)

    def earliest(self) -> float:
        """When a voice that begins with the next frame may begin."""
        return self._next - max(self._frame, self._most_lead)

    def begin_voice(self, now: float) -> None:
        """The next frame begins a voice, now."""
        self._lead = min(max(self._next - now, 0.0), self._frame)

    def silent(self, now: float) -> None:
        """The next frame is silent."""
        self._lead = 0.0
        if now - self._next > self.GIVE_UP:
            self._next = now

    def advance(self, now: float) -> bool:
        """The next frame is made now. Returns whether it is late by more than a frame."""
        late = now - self.due() > self._frame
        self._next += self._frame
        return late
