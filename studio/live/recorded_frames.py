"""Frames of a live session on their way to the thread that records them."""

from __future__ import annotations

import asyncio
import contextlib
import queue

import numpy as np

from studio.live.frame import LiveFrame

LATE, TOO_LATE = 2.0, 20.0
"""Seconds of frames that wait to be written, above which pictures are left out, and the recording ends."""
MOST_BYTES = 64 * 1024 * 1024
"""Bytes of pictures that wait, above which they are left out, too."""
Part = tuple[np.ndarray, int, np.ndarray | None]
"""A frame's sound, its rate, and its picture; None for that of the frame before."""


class RecordedFrames:
    """A queue that never makes the session wait, unless that asks for room.

    Made and filled in the session's event loop; one thread takes.
    """

    def __init__(self, fps: int) -> None:
        self.left_out = 0
        """Frames that have the picture before instead of their own."""
        self.behind = False
        """Whether too much waited; no frame was taken since."""
        self._fps = fps
        self._parts: queue.SimpleQueue[Part | None] = queue.SimpleQueue()
        self._last: np.ndarray | None = None
        # Each is counted in one thread only; the difference waits. An unchanged picture takes no room.
        self._bytes_put, self._bytes_taken = 0, 0
        self._loop, self._taken, self._ended = asyncio.get_running_loop(), asyncio.Event(), False

    @property
    def _seconds(self) -> float:
        return self._parts.qsize() / self._fps

    @property
    def is_late(self) -> bool:
        """Whether the next new picture would be left out."""
        return self._seconds > LATE or self._bytes_put - self._bytes_taken > MOST_BYTES

    def add(self, frame: LiveFrame, *, silenced: bool) -> bool:
        """Add a frame. Returns whether there was room at all. silenced: without its sound."""
        if self.behind or self._seconds > TOO_LATE:
            self.behind = True
            return False
        image = None if frame.rgb_image is self._last else frame.rgb_image
        if image is not None and self.is_late:
            self.left_out += 1
            image = None
        if image is not None:
            self._last = image
            self._bytes_put += image.nbytes
        samples = np.zeros_like(frame.samples) if silenced else frame.samples
        self._parts.put((samples, frame.sample_rate, image))
        return True

    async def room(self) -> None:
        """Wait until no picture has to be left out, or nothing is taken any more."""
        while self.is_late and not self._ended:
            self._taken.clear()
            await self._taken.wait()

    def end(self) -> None:
        """Nothing more is added."""
        self._parts.put(None)

    def take(self) -> Part | None:
        """The next frame; None at the end. In the thread."""
        part = self._parts.get()
        if part is not None and part[2] is not None:
            self._bytes_taken += part[2].nbytes
        self._tell()
        return part

    def give_up(self) -> None:
        """Nothing is taken any more. In the thread."""
        self._ended = True
        self._tell()

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._taken.set)
