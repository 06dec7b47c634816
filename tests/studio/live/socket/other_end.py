"""The other end of a live connection, in the same process, and what a test says and reads there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.live.socket import Client, LiveHost
from studio.live.socket.frames import HEADER, NO_DELAY

OPEN = {"type": "open", "engine": "talker", "consent": True, "picture": "rgb"}


@dataclass(frozen=True)
class Frame:
    """A frame as it came. picture: None if it is that of the frame before."""

    index: int
    speaking: bool
    end_of_speech: bool
    delay: int | None
    samples: np.ndarray
    picture: bytes | None


def unpacked(message: bytes) -> Frame:
    index, flags, nothing, delay, size = HEADER.unpack_from(message)
    assert nothing == 0
    sound, picture = message[HEADER.size : HEADER.size + size], message[HEADER.size + size :]
    assert bool(flags & 4) == bool(picture)
    return Frame(
        index,
        bool(flags & 1),
        bool(flags & 2),
        None if delay == NO_DELAY else delay,
        np.frombuffer(sound, "<i2"),
        picture or None,
    )


class OtherEnd:
    """A `Connection` whose other end is the test. reads: cleared, nothing is taken."""

    def __init__(self) -> None:
        self.reads = asyncio.Event()
        self.reads.set()
        self.closed: int | None = None
        self.frames: list[Frame] = []
        self._up: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._read = asyncio.Event()
        self._down: asyncio.Queue[dict[str, Any] | Frame | int] = asyncio.Queue()

    async def receive(self) -> str | bytes | None:
        message = await self._up.get()
        if self._up.empty():
            self._read.set()
        return message

    async def send(self, message: str | bytes) -> None:
        await self.reads.wait()
        self._down.put_nowait(json.loads(message) if isinstance(message, str) else unpacked(message))

    async def close(self, code: int, reason: str) -> None:
        self.closed = code
        self._down.put_nowait(code)

    def say(self, *messages: dict[str, Any] | bytes | str | None) -> None:
        """Send messages; None is the end of the connection."""
        for message in messages:
            self._up.put_nowait(json.dumps(message) if isinstance(message, dict) else message)

    async def all_read(self) -> None:
        """Wait until the server has read everything."""
        while not self._up.empty():
            self._read.clear()
            await asyncio.wait_for(self._read.wait(), 20)

    async def next(self) -> dict[str, Any] | Frame | int:
        """What comes next: an event, a frame, or the code with which the connection is closed."""
        return await asyncio.wait_for(self._down.get(), 20)

    async def event(self, *kinds: str) -> dict[str, Any]:
        """The next event, which has to be of one of these types; frames before it are kept in `frames`."""
        while isinstance(found := await self.next(), Frame):
            self.frames.append(found)
        assert isinstance(found, dict), found
        assert found["type"] in kinds, found
        return found

    async def frame(self) -> Frame:
        found = await self.next()
        assert isinstance(found, Frame), found
        return found

    async def error(self, code: str, *, fatal: bool = False) -> str:
        """The message of the next error."""
        found = await self.event("error")
        assert (found["code"], found["fatal"]) == (code, fatal), found
        return str(found["message"])

    async def end(self) -> int:
        """The code with which the connection is closed; frames before it do not count."""
        while not isinstance(found := await self.next(), int):
            assert isinstance(found, Frame), found
        return found


@asynccontextmanager
async def connected(host: LiveHost, client: Client | None = None) -> AsyncIterator[OtherEnd]:
    """A connection that was just accepted. At the end, the other end is gone, and nothing remains."""
    end = OtherEnd()
    conversing = asyncio.create_task(host.converse(end, client or Client()))
    try:
        yield end
    finally:
        end.say(None)
        end.reads.set()
        await asyncio.wait_for(conversing, 20)


@asynccontextmanager
async def opened(
    host: LiveHost, portrait: Path, client: Client | None = None, **how: Any
) -> AsyncIterator[OtherEnd]:
    """The same with a session that is ready."""
    async with connected(host, client) as end:
        end.say(OPEN | how, portrait.read_bytes())
        await end.event("ready")
        yield end


def run(story: Callable[[], Any]) -> None:
    asyncio.run(story())
