"""Frames that have come and wait to be read."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from joystudio_live.frame import Interruption, LiveFrame
from joystudio_live.wire import WireFrame

MOST = 8
"""Frames that wait to be read; beyond that, the socket is not read."""


@dataclass(frozen=True)
class _Waiting:
    frame: LiveFrame
    interruptions: int


class Inbox:
    """Belongs to one event loop. decode: makes an array of a picture.

    keep_silenced: whether frames that were interrupted come in silence, or, as in a session without a pace,
    not at all.
    """

    def __init__(
        self, decode: Callable[[bytes], np.ndarray], sample_rate: int, *, keep_silenced: bool
    ) -> None:
        self.waiting_seconds = 0.0
        """Seconds of sound that were pushed and have not been read with frames."""
        self._decode, self._rate, self._keep_silenced = decode, sample_rate, keep_silenced
        self._line: deque[_Waiting] = deque()
        self._news, self._taken = asyncio.Event(), asyncio.Event()
        self.sound_was_read = asyncio.Event()
        """Set when `waiting_seconds` falls."""
        self._image: np.ndarray | None = None
        self._message_id: str | None = None
        self._position = 0.0
        self._asked = self._interrupted = 0
        """Interruptions that were asked for, and that the server has made."""
        self._read: LiveFrame | None = None
        """The last frame that was read."""
        self._read_at = 0
        """The interruptions asked for before it was read."""
        self.over = False

    def pushed(self, seconds: float) -> None:
        """So much sound is sent."""
        self.waiting_seconds += seconds

    def event(self, event: dict[str, Any]) -> None:
        """Take what concerns the frames after it."""
        match event["type"]:
            case "format":
                self._rate = int(event["sample_rate"])
            case "started":
                self._message_id, self._position = event.get("message_id"), 0.0
            case "interrupted":
                self._interrupted += 1

    async def put(self, frame: WireFrame) -> None:
        """Add a frame, once there is room."""
        made, interruptions = self._frame_of(frame), self._interrupted
        while len(self._line) >= MOST and not self.over:
            self._taken.clear()
            await self._taken.wait()
        self._line.append(_Waiting(made, interruptions))
        self._news.set()

    def _frame_of(self, frame: WireFrame) -> LiveFrame:
        changed = frame.picture is not None
        if frame.picture is not None:
            self._image = self._decode(frame.picture)
        samples = np.frombuffer(frame.sound, "<i2").astype(np.int16, copy=False)
        position = self._position if frame.speaking else 0.0
        if frame.speaking:
            self._position += len(samples) / self._rate
        return LiveFrame(
            frame.frame_index,
            self._image,
            changed,
            samples,
            self._rate,
            frame.speaking,
            frame.end_of_speech,
            self._message_id if frame.speaking else None,
            position,
            frame.delay,
        )

    async def next(self) -> LiveFrame | None:
        """The next frame; None at the end. If the wait is cancelled, no frame is lost."""
        while True:
            while not self._line:
                if self.over:
                    return None
                self._news.clear()
                await self._news.wait()
            frame = self._taken_from_line()
            if frame is not None:
                return frame

    def _taken_from_line(self) -> LiveFrame | None:
        waiting = self._line.popleft()
        self._taken.set()
        frame = waiting.frame
        if frame.speaking and waiting.interruptions != self._asked:
            if not self._keep_silenced:
                return None
            frame = _silenced(frame)
        elif frame.speaking:
            self.waiting_seconds = max(self.waiting_seconds - len(frame.samples) / frame.sample_rate, 0.0)
            self.sound_was_read.set()
        self._read, self._read_at = frame, self._asked
        return frame

    def interrupt(self) -> Interruption:
        """Silence what has been pushed. Returns what of it has been read."""
        read = self._read
        position, message_id = 0.0, None
        if read is not None and read.speaking and not read.end_of_speech and self._read_at == self._asked:
            position, message_id = (
                read.position + len(read.samples) / read.sample_rate,
                read.source_message_id,
            )
        dropped = self.waiting_seconds
        self._asked += 1
        self.waiting_seconds = 0.0
        self.sound_was_read.set()
        return Interruption(round(position, 6), round(dropped, 6), message_id)

    def end(self, *, drop: bool) -> None:
        """No more frames come. drop: those that wait are not read either."""
        self.over = True
        if drop:
            self._line.clear()
        for event in (self._news, self._taken, self.sound_was_read):
            event.set()


def _silenced(frame: LiveFrame) -> LiveFrame:
    return replace(
        frame,
        samples=np.zeros_like(frame.samples),
        speaking=False,
        end_of_speech=False,
        source_message_id=None,
        position=0.0,
        delay=None,
    )
