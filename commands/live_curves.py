"""Sends the curves of `live` while frames are written, in the voice's own time."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.live import LiveFrame
    from studio.live.curve_senders import CurveSenders


class CurvesInTime:
    """Sends frames of a session without a pace, each not before its time.

    A file's frames come as fast as they are made, but an avatar has to move while the voice is heard.
    """

    def __init__(self, senders: CurveSenders, fps: int) -> None:
        self._senders, self._fps = senders, fps
        self._begin: float | None = None

    async def send(self, frame: LiveFrame) -> None:
        """Wait until the frame's time, and send it. After a late frame, those that follow are later, too."""
        now, offset = time.monotonic(), frame.frame_index / self._fps
        if self._begin is None or now > self._begin + offset:
            self._begin = now - offset
        if (wait := self._begin + offset - now) > 0:
            await asyncio.sleep(wait)
        self._senders.send(frame)
