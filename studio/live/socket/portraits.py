"""The portrait that follows the message "open", and how long both may take."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from media.errors import LiveEnded, LiveMessageError, OutputError, PortraitError
from media.held_folder import PORTRAITS, HeldFolder
from studio.live.socket.connection import Closing
from studio.live.socket.failures import SessionOver
from studio.live.socket.messages import Open
from studio.live.socket.messenger import Messenger

SECONDS = 60.0
"""For the whole portrait, while a place is held for it."""
MOST_IN_MEMORY = 16 * 1024 * 1024
"""Bytes of a portrait that is kept in memory, as many as one message may have; a larger one is a file."""


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


@asynccontextmanager
async def received_portrait(
    opening: Open, messenger: Messenger, largest: int, upload: Callable[[int], None]
) -> AsyncIterator[bytes | Path]:
    """The portrait's file, or its bytes if they are few. largest: bytes. upload: as of `Client`; called
    before they come, if the other end says how many, and otherwise once they are there.

    Raises LiveMessageError if a text comes in its place, SessionOver if it is too large or too slow,
    OutputError if a large one cannot be stored, and what `upload` raises.
    """
    deadline, expected = Deadline(SECONDS), opening.portrait_bytes
    if expected is None:
        part = await _part(deadline, messenger)
        _check(len(part), largest)
        upload(len(part))
        yield part
        return
    _check(expected, largest)
    upload(expected)
    if expected <= MOST_IN_MEMORY:
        found = BytesIO()  # gives its bytes away without a copy
        await _receive(found, expected, deadline, messenger)
        yield found.getvalue()
        return
    with _explained():
        folder = HeldFolder(PORTRAITS)
    with folder as place:
        path = place / "uploaded"
        with _explained(), path.open("wb") as file:
            await _receive(file, expected, deadline, messenger)
        yield path


async def _receive(into: BinaryIO, expected: int, deadline: Deadline, messenger: Messenger) -> None:
    """Write the messages of a portrait of so many bytes."""
    came = 0
    while came < expected:
        part = await _part(deadline, messenger)
        came += len(part)
        _check(came, expected)
        await asyncio.to_thread(into.write, part)


async def _part(deadline: Deadline, messenger: Messenger) -> bytes:
    part = await deadline.receive(messenger)
    if isinstance(part, str):
        raise LiveMessageError(
            "A text came in place of the portrait. Send the bytes of its file after the message open."
        )
    if not part:
        raise PortraitError("The portrait is empty. Send the bytes of its file.")
    return part


@contextmanager
def _explained() -> Iterator[None]:
    """Raise OutputError where a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            "The temporary folder cannot be written ({reason}); free some space there, or set TMPDIR.",
            reason=error.strerror,
        ) from error


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
