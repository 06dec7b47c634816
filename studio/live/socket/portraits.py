"""The portrait that follows the message "open", and how long both may take."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable
from io import BytesIO

from media.errors import LiveEnded, LiveMessageError, PortraitError
from studio.live.socket.connection import Closing
from studio.live.socket.failures import SessionOver
from studio.live.socket.messages import Open
from studio.live.socket.messenger import Messenger

SECONDS = 60.0
"""For the whole portrait, while a place is held for it."""


class Deadline:
    """The seconds in which a session has to be asked for. Whatever else comes does not move it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = asyncio.get_running_loop().time() + seconds

    async def receive(self, messenger: Messenger) -> str | bytes:
        """The next message. Raises SessionOver if it is too late, or the other end is gone."""
        left = self._at - asyncio.get_running_loop().time()
        if left > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    return await messenger.receive(math.inf)
        raise SessionOver(
            Closing.UNUSED,
            LiveEnded(
                "The live connection was closed, because it did not ask for a session, with a portrait, "
                "within {seconds:g} s. Open a new one.",
                seconds=self._seconds,
            ),
        )


async def received_portrait(
    opening: Open, messenger: Messenger, largest: int, upload: Callable[[int], None]
) -> bytes:
    """The bytes of the portrait's file. largest: bytes. upload: as of `Client`; called before they come, if
    the other end says how many, and otherwise once they are there.

    Raises LiveMessageError if a text comes in its place, SessionOver if it is too large or too slow, and what
    `upload` raises.
    """
    expected = opening.portrait_bytes
    if expected is not None:
        _check(expected, largest)
        upload(expected)
    deadline = Deadline(SECONDS)
    found = BytesIO()  # gives its bytes away without a copy
    while expected is None or found.tell() < expected:
        part = await deadline.receive(messenger)
        if isinstance(part, str):
            raise LiveMessageError(
                "A text came in place of the portrait. Send the bytes of its file after the message open."
            )
        if not part:
            raise PortraitError("The portrait is empty. Send the bytes of its file.")
        _check(found.tell() + len(part), largest if expected is None else expected)
        if expected is None:
            upload(len(part))
            return part
        found.write(part)
    return found.getvalue()


def _check(size: int, most: int) -> None:
    if size > most:
        raise _too_large(size, most)


def _too_large(size: int, most: int) -> SessionOver:
    return SessionOver(
        Closing.TOO_LARGE,
        PortraitError(
            "The portrait has {size} bytes, and {most} are taken. Send a smaller one, or the right number.",
            size=size,
            most=most,
        ),
    )


class SkippedPortrait:
    """Leaves out the portrait of a second "open", which would be heard as sound."""

    def __init__(self) -> None:
        self._messages = self._bytes = 0

    def expect(self, opening: Open) -> None:
        """A portrait follows, unless there is a ticket."""
        if opening.ticket is None:
            self._messages, self._bytes = 1, opening.portrait_bytes or 0

    def takes(self, message: bytes) -> bool:
        """Whether this message is a part of it."""
        if not self._messages:
            return False
        self._bytes -= len(message)
        self._messages = int(self._bytes > 0)
        return True
