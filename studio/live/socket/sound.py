"""Sound on its way into a session, which an interruption passes."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from media.errors import VoiceError
from studio.live.pushed import LOWEST, checked_sound, pieces
from studio.live.session import LiveSession

MOST = 16 * 1024 * 1024
"""Bytes of sound that wait in front of a session, as many as one message may have."""
OVERHEAD = 256
"""Bytes that a part takes in memory besides its sound."""


@dataclass(frozen=True, slots=True)
class _Part:
    """At most a second of sound; without a rate, the end of a voice."""

    pcm16: bytes = b""
    rate: int = 0
    message_id: str | None = None

    @property
    def seconds(self) -> float:
        return len(self.pcm16) / 2 / self.rate if self.rate else 0.0

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return len(self.pcm16) + OVERHEAD


class SoundQueue:
    """The line in front of a session.

    A session takes sound for 20 s and then lets who pushes it wait. Here this line waits in its place, so
    that the connection is read on: an interruption behind the sound is heard, and so is the answer to the
    ping of a web server, which takes a connection that is not read for a broken one.
    """

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._line: deque[_Part] = deque()
        self._pushed: _Part | None = None
        """The part that waits in the session."""
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._size = 0
        self.came_at = 0.0
        """When sound came last, by the event loop's clock, over whatever carries it."""

    def put(self, pcm16: bytes, rate: object, message_id: str | None) -> None:
        """Add sound. Raises VoiceError for sound that cannot be used, or for which there is no room."""
        samples = checked_sound(pcm16, rate)
        assert isinstance(rate, int)
        self.came_at = asyncio.get_running_loop().time()
        if not self._has_room(pcm16):
            raise VoiceError(
                "{waiting:.1f} MB of sound wait to be spoken, and no more than {most} MB do. Send more when "
                "some is spoken, or interrupt.",
                waiting=self._size / 1024 / 1024,
                most=MOST // 1024 // 1024,
            )
        for piece in pieces(samples, rate):
            self._put(_Part(piece.tobytes(), rate, message_id))

    async def add(self, pcm16: bytes, rate: object, message_id: str | None) -> None:
        """The same once there is room."""
        while not self._has_room(pcm16):
            self._room.clear()
            await self._room.wait()
        self.put(pcm16, rate, message_id)

    def _has_room(self, pcm16: bytes) -> bool:
        return not self._line or self._size + len(pcm16) <= MOST

    def flush(self) -> None:
        """The voice is complete."""
        if not self._line or self._line[-1].rate:  # a second end in a row says nothing
            self._put(_Part())

    def _put(self, part: _Part) -> None:
        self._line.append(part)
        self._size += part.size
        self._news.set()

    def drop(self) -> float:
        """Drop everything. Returns the seconds of sound that the session had not taken."""
        waits = [*self._line, self._pushed] if self._pushed else self._line
        dropped = sum(part.seconds for part in waits)
        self._line.clear()
        self._size = 0
        self._room.set()
        return dropped

    async def run(self) -> None:
        """Push what is added. Raises LiveEnded after the session's end."""
        while True:
            while not self._line:
                self._news.clear()
                await self._news.wait()
            part = self._pushed = self._line.popleft()
            self._size -= part.size
            self._room.set()
            if part.rate:
                await self._session.push_audio(part.pcm16, part.rate, message_id=part.message_id)
            else:
                await self._session.flush()
            self._pushed = None


def checked_rate(rate: object) -> int:
    """A sample rate for sound. Raises VoiceError."""
    checked_sound(b"", rate)
    return rate if isinstance(rate, int) else LOWEST
