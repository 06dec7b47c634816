"""How a live session ends, and what everything that uses it then hears."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager

from media.errors import LiveEnded
from media.messages import Message, said
from studio.live.frame_source import FrameSource
from studio.live.pace import WallClock

UNUSED = 30
"""A session that has no frame to give is ended after so many times the patience."""


class SessionLifetime:
    """Ends a session that fails or is left alone. Belongs to the event loop that makes it.

    patience: seconds that a frame may wait to be read; `math.inf` never ends a session that is left alone.
    """

    def __init__(self, frames: FrameSource, clock: WallClock, patience: float) -> None:
        self.reader: object = None
        """Who reads the frames."""
        self.reader_waits = False
        self._frames, self._clock, self._patience = frames, clock, patience
        self._read_at = self._used_at = clock.now()
        self._reason: Message | None = None
        self._cause: Exception | None = None
        self._watcher = asyncio.create_task(self._watch()) if math.isfinite(patience) else None

    @property
    def over(self) -> bool:
        """Whether the session has ended."""
        return self._frames.over.is_set()

    def use(self) -> None:
        """The session is used now. Raises LiveEnded after its end."""
        if self.over:
            self.say_why()
            raise LiveEnded("The live session was shut down. Open a new one.")
        self._used_at = self._clock.now()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The reader waits for a frame."""
        self.reader_waits = True
        try:
            yield
        finally:
            self.reader_waits = False
            self._read_at = self._used_at = self._clock.now()

    def end(self, reason: Message | None = None, cause: Exception | None = None) -> None:
        """End the session, unless it has ended. reason: for everything that uses it next."""
        if not self.over:
            self._reason, self._cause = reason, cause
            self.reader = (
                None  # it refers to this object, and the session's memory would wait for the collector
            )
            self._frames.end()

    def fail(self, error: Exception) -> None:
        """End the session because of an error."""
        why = str(error) or type(error).__name__
        self.end(said("The live session has ended because of an error: {error}", error=why), error)

    def say_why(self) -> None:
        """Raise LiveEnded if the session ended for a reason."""
        if self._reason is not None:
            raise LiveEnded(self._reason) from self._cause

    async def close(self) -> None:
        """End the session, and wait until nothing of it runs."""
        self.end()
        watcher, self._watcher = self._watcher, None  # it refers to this object, too
        if watcher is not None:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
        await self._frames.settle()

    async def _watch(self) -> None:
        """End the session when it is left alone."""
        while not self.over:
            await self._clock.wait(self._frames.over, self._patience / 4)
            now = self._clock.now()
            if self.reader_waits:
                self._read_at = self._used_at = now
            elif not self._frames.owes:
                self._read_at = now
            if now - self._read_at > self._patience:
                self.end(
                    said(
                        "The live session has ended, because nothing read its frames for {seconds:.0f} s. "
                        "Open a new one.",
                        seconds=now - self._read_at,
                    )
                )
            elif now - self._used_at > UNUSED * self._patience:
                self.end(
                    said(
                        "The live session has ended, because nothing used it for {seconds:.0f} s. Open a new "
                        "one.",
                        seconds=now - self._used_at,
                    )
                )
