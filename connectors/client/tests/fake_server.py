"""A server of the live protocol whose frames a test sends one by one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import numpy as np
from websockets.asyncio.server import Request, Response, ServerConnection, serve

from joystudio_live.wire import WireFrame, message, packed

FPS, WIDTH, HEIGHT = 25, 32, 24


class FakeSession:
    """One session of the server."""

    def __init__(self, socket: ServerConnection, opening: dict[str, Any], portrait: bytes) -> None:
        self.opening, self.portrait = opening, portrait
        self.headers = socket.request.headers if socket.request else {}
        self.rate, self.index = 16000, 0
        self._socket = socket
        self._came: asyncio.Queue[dict[str, Any] | bytes] = asyncio.Queue()

    async def hear(self) -> None:
        """Read what the client sends, until it is gone."""
        async for came in self._socket:
            self._came.put_nowait(came if isinstance(came, bytes) else json.loads(came))

    async def message(self, kind: str) -> dict[str, Any]:
        """The next message of this type; the ones before it are forgotten."""
        while True:
            came = await self._came.get()
            if isinstance(came, dict) and came["type"] == kind:
                return came

    async def sound(self, size: int) -> bytes:
        """The next so many bytes of sound; the messages between them are forgotten."""
        sound = b""
        while len(sound) < size:
            came = await self._came.get()
            if isinstance(came, bytes):
                sound += came
        return sound

    async def tell(self, kind: str, **fields: Any) -> None:
        """Send an event."""
        await self._socket.send(message(kind, **fields))

    async def started(self, message_id: str | None = None, rate: int = 16000) -> None:
        """Say that a voice starts with the next frame."""
        if rate != self.rate:
            self.rate = rate
            await self.tell("format", sample_rate=rate)
        await self.tell("started", frame_index=self.index, message_id=message_id, sample_rate=rate)

    async def frame(self, level: int | None = None, *, end: bool = False, picture: bool = True) -> None:
        """Send a frame. level: the value of every sample of its voice; None for silence."""
        samples = np.full(self.rate // FPS, level or 0, "<i2")
        image = np.full((HEIGHT, WIDTH, 3), self.index % 256, np.uint8).tobytes() if picture else None
        frame = WireFrame(
            self.index, level is not None, end, None if level is None else 0.012, samples.tobytes(), image
        )
        self.index += 1
        await self._socket.send(packed(frame))

    async def interrupted(self) -> None:
        """Wait for an interruption, and make it."""
        await self.message("interrupt")
        await self.tell("interrupted", position=0.0, dropped=0.0, message_id=None)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close the socket."""
        await self._socket.close(code, reason)


@dataclass
class FakeServer:
    """refusal: what is said to everybody who opens a session, in place of being ready.

    closed: status, type and text of the answer to everybody who connects, in place of a socket. notes: about
    every portrait.
    """

    address: str = ""
    refusal: dict[str, Any] | None = None
    closed: tuple[int, str, str] | None = None
    notes: list[dict[str, str]] = field(default_factory=list)
    _sessions: asyncio.Queue[FakeSession] = field(default_factory=asyncio.Queue)

    async def session(self) -> FakeSession:
        """The next session that is opened."""
        return await self._sessions.get()

    def answer(self, socket: ServerConnection, _: Request) -> Response | None:
        """Refuse a socket, or None."""
        if self.closed is None:
            return None
        status, kind, text = self.closed
        response = socket.respond(HTTPStatus(status), text)
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = kind
        return response

    async def converse(self, socket: ServerConnection) -> None:
        """Open a session on a socket."""
        opening = json.loads(str(await socket.recv()))
        portrait = b""
        while len(portrait) < opening["portrait_bytes"]:
            piece = await socket.recv()
            assert isinstance(piece, bytes)
            portrait += piece
        if self.refusal is not None:
            await socket.send(message("error", fatal=True, **self.refusal))
            await socket.close(1008, "refused")
            return
        session = FakeSession(socket, opening, portrait)
        await session.tell(
            "ready",
            version=1,
            fps=FPS,
            width=WIDTH,
            height=HEIGHT,
            picture=opening["picture"],
            sample_rate=16000,
            look_ahead_ms=opening["look_ahead_ms"],
            options={"mouth_opening": 1.0},
            ranges={"mouth_opening": {"least": 0.0, "most": 2.0}},
            notes=self.notes,
        )
        self._sessions.put_nowait(session)
        await session.hear()


@asynccontextmanager
async def fake_server() -> AsyncIterator[FakeServer]:
    """A server on a free port of this computer."""
    fake = FakeServer()
    async with serve(fake.converse, "127.0.0.1", 0, compression=None, process_request=fake.answer) as server:
        fake.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield fake
