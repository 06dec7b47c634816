"""Sends and receives for one conversation, with its patience."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from typing import Any, NoReturn, TypeVar

from media.errors import JoyStudioError, LiveEnded, LiveMessageError
from studio.live.socket.connection import Client, Closing, Connection
from studio.live.socket.failures import SessionOver, as_message

T = TypeVar("T")
MOST_ERRORS = 50
"""Errors of the other end without a usable message between them, after which the connection is closed."""
MOST_KEPT = 16 * 1024 * 1024
"""Bytes that the other end may send while its session is being opened."""
OVERHEAD = 256
"""Bytes that a message takes in memory besides its own."""
LAST_WORDS = 1.0
"""Seconds to send why a connection ends, and to close it."""


class Messenger:
    """One end of a connection. patience: seconds that a message may wait to be taken by the other end."""

    def __init__(self, connection: Connection, client: Client, patience: float) -> None:
        self._connection, self._client, self._patience = connection, client, patience
        self.on_page = False
        """Whether a visitor of the page reads what is said here, and not a program."""
        self._errors = 0
        self._explained = False
        self._kept: deque[str | bytes] = deque()
        """Messages that came while a session was being opened."""

    async def receive(self, seconds: float, *, of: float | None = None) -> str | bytes:
        """The next message. Raises SessionOver if none comes in that time, or the other end is gone.

        of: the whole time, of which these seconds are left.
        """
        if self._kept:
            return self._kept.popleft()
        try:
            async with asyncio.timeout(seconds):
                return await self._received()
        except TimeoutError:
            raise SessionOver(
                Closing.UNUSED,
                LiveEnded(
                    "The live connection was closed, because nothing came for {seconds:g} s. Open a new one.",
                    seconds=seconds if of is None else of,
                ),
            ) from None

    async def _received(self) -> str | bytes:
        message = await self._connection.receive()
        if message is None:
            raise SessionOver(Closing.DONE)
        return message

    async def listening(self, work: asyncio.Task[T]) -> T:
        """The result of work that takes long. What comes meanwhile is kept for `receive`.

        A connection that is not read does not notice that its other end is gone, or that it still answers.
        Raises SessionOver if the other end is gone or sends too much. The work then goes on.
        """
        listening = asyncio.create_task(self._keep())
        try:
            await asyncio.wait((work, listening), return_when=asyncio.FIRST_COMPLETED)
            return work.result() if work.done() else await listening
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _keep(self) -> NoReturn:
        size = 0
        while True:
            message = await self._received()
            self._kept.append(message)
            size += len(message) + OVERHEAD
            if size > MOST_KEPT:
                raise SessionOver(
                    Closing.TOO_LARGE,
                    LiveMessageError(
                        "More than {most} MB came before the session was ready. Wait for {ready}, and then "
                        "send sound.",
                        most=MOST_KEPT // 1024 // 1024,
                        ready='"ready"',
                    ),
                )

    async def send(self, message: str | bytes) -> None:
        """Send a message. Raises SessionOver if the other end does not read, or is gone."""
        try:
            async with asyncio.timeout(self._patience):
                await self._connection.send(message)
        except TimeoutError:
            raise SessionOver(
                Closing.UNREAD,
                LiveEnded(
                    "The live session has ended, because nothing read its frames for {seconds:.0f} s. Open a "
                    "new one.",
                    seconds=self._patience,
                ),
            ) from None
        except ConnectionError:
            raise SessionOver(Closing.DONE) from None

    async def tell(self, kind: str, **fields: Any) -> None:
        """Send an event."""
        await self.send(json.dumps({"type": kind, **fields}))

    async def note(self, sentence: str) -> None:
        """Send a sentence for the user."""
        await self.tell("note", **self.worded(sentence))

    def worded(self, sentence: str) -> dict[str, Any]:
        """A sentence in the words and the languages of the other end."""
        return (self._client.worded_for_page if self.on_page else self._client.worded)(sentence)

    def understood(self) -> None:
        """A usable message came."""
        self._errors = 0

    async def complain(self, error: JoyStudioError, **fields: Any) -> None:
        """Report an error after which the conversation goes on. Raises SessionOver if there were too many.

        fields: more of the message.
        """
        self._errors += 1
        if self._errors > MOST_ERRORS:
            raise SessionOver(
                Closing.NOT_UNDERSTOOD,
                LiveMessageError(
                    "The last {count} messages could not be used. Read the protocol in docs/live-api.md.",
                    count=self._errors,
                ),
            ) from error
        await self.send(as_message(error, self.worded, fatal=False, **fields))

    async def explain(self, over: SessionOver) -> None:
        """Say why the connection ends, unless that was said."""
        if over.error is not None and not self._explained:
            self._explained = True
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(LAST_WORDS):
                    await self._connection.send(as_message(over.error, self.worded, fatal=True))

    async def end(self, over: SessionOver) -> None:
        """Say why, and close."""
        await self.explain(over)
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(LAST_WORDS):
                await self._connection.close(over.closing, over.closing.name.lower().replace("_", " "))
