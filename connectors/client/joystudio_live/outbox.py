"""What waits to be sent. An interruption passes the sound in front of it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from joystudio_live.wire import message

MOST = 4
"""Pieces of sound that wait here, of at most a second each."""
Message = str | bytes


class Outbox:
    """Belongs to one event loop. `put` and `interrupt` never wait; `room` does."""

    def __init__(self) -> None:
        self._sound: deque[Message] = deque()
        self._urgent: deque[Message] = deque()
        self._news, self._taken = asyncio.Event(), asyncio.Event()
        self._voice: tuple[int, str | None] | None = None
        """The rate and message of the sound after which the next sound is put."""
        self.closed = False

    def put_sound(self, pcm16: bytes, sample_rate: int, message_id: str | None) -> None:
        """Add sound, after a message that says what it is, if that is another than before."""
        if self._voice != (sample_rate, message_id):
            self._voice = sample_rate, message_id
            self._sound.append(message("audio", sample_rate=sample_rate, message_id=message_id))
        self._sound.append(pcm16)
        self._news.set()

    def put_flush(self) -> None:
        """Add the end of a voice."""
        self._sound.append(message("flush"))
        self._news.set()

    def put(self, text: str) -> None:
        """Add a message that need not wait for the sound before it."""
        self._urgent.append(text)
        self._news.set()

    def interrupt(self) -> None:
        """Drop the sound that waits, and add an interruption."""
        self._sound.clear()
        self._voice = None
        self._taken.set()
        self.put(message("interrupt"))

    async def room(self) -> None:
        """Wait until there is room for more sound."""
        while len(self._sound) > MOST and not self.closed:
            self._taken.clear()
            await self._taken.wait()

    def close(self) -> None:
        """Nothing is sent any more."""
        self.closed = True
        for event in (self._news, self._taken):
            event.set()

    async def send_all(self, send: Callable[[Message], Awaitable[None]]) -> None:
        """Send what comes until this is closed."""
        while not self.closed:
            if not (self._urgent or self._sound):
                self._news.clear()
                await self._news.wait()
                continue
            next_one = (self._urgent or self._sound).popleft()
            self._taken.set()
            await send(next_one)
