"""The frames of a session, for `async for`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from joystudio_live.frame import LiveFrame


class FrameReader(AsyncIterator[LiveFrame]):
    """No generator, because those end when a wait for them is cancelled."""

    def __init__(self, next_frame: Callable[[], Awaitable[LiveFrame | None]]) -> None:
        self._next_frame = next_frame

    async def __anext__(self) -> LiveFrame:
        frame = await self._next_frame()
        if frame is None:
            raise StopAsyncIteration
        return frame
