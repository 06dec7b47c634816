"""The frames of a live session, for `async for`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from media.errors import LiveError
from studio.live.frame import LiveFrame
from studio.live.frame_source import FrameSource
from studio.live.lifetime import SessionLifetime


class FrameReader(AsyncIterator[LiveFrame]):
    """Reads one session, until it ends or another reader takes over.

    It is not a generator, because those end when a wait for them is cancelled: a program may give up waiting,
    with `asyncio.wait_for` for one, and read on. What was being painted then comes next.
    """

    def __init__(self, frames: FrameSource, lifetime: SessionLifetime) -> None:
        self._frames, self._lifetime = frames, lifetime
        self._begun = self._closed = False

    def __aiter__(self) -> FrameReader:
        return self

    async def __anext__(self) -> LiveFrame:
        """The next frame. Raises LiveError and LiveEnded, see `LiveSession.run`."""
        lifetime = self._lifetime
        frame = None
        if not lifetime.over and not self._closed:
            self._lead()
            with lifetime.reading():
                try:
                    frame = await self._frames.next()
                except Exception as error:
                    lifetime.fail(error)
        if frame is None:
            if lifetime.over and not self._closed:
                lifetime.say_why()
            raise StopAsyncIteration
        return frame

    def _lead(self) -> None:
        """Become the session's reader, or see that this still is."""
        lifetime = self._lifetime
        if lifetime.reader_waits or (self._begun and lifetime.reader is not self):
            raise LiveError("The live session is being read already. One reader at a time gets its frames.")
        if not self._begun:
            self._begun, lifetime.reader = True, self
            self._frames.begin()

    async def aclose(self) -> None:
        """Read no more; another reader may. `break` alone does, too."""
        self._closed = True
