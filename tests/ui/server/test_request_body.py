"""The bodies of calls are read in bounded memory, however many large ones come at once."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import pytest
from starlette.types import Message, Receive, Scope

from ui.server import request_body
from ui.server.request_body import (
    LARGEST,
    MOST_VALUES,
    TOOLS,
    BodyTooLarge,
    BodyTooSlow,
    LargeBodies,
    NoRoom,
    TooManyValues,
    read_body,
)

ROOM = 3 * LARGEST
PIECE = 100_000


def call(path: str = f"{TOOLS}/", **headers: str) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "POST", "path": path, "headers": pairs}


def sends(size: int) -> Receive:
    """A client that sends the given number of bytes, in pieces."""

    def pieces() -> Iterator[Message]:
        for start in range(0, size, PIECE):
            body = b"x" * min(PIECE, size - start)
            yield {"type": "http.request", "body": body, "more_body": start + PIECE < size}

    left = pieces()

    async def receive() -> Message:
        return next(left)

    return receive


def test_large_calls_share_the_room_and_give_it_back() -> None:
    async def visit() -> None:
        bodies = LargeBodies(ROOM)
        with bodies.share() as first, bodies.share() as second:
            assert len((await read_body(call(), sends(2 * LARGEST), first)).content) == 2 * LARGEST
            with pytest.raises(NoRoom):
                await read_body(call(), sends(2 * LARGEST), second)
            with bodies.share() as small:  # needs no room
                assert len((await read_body(call(), sends(LARGEST), small)).content) == LARGEST
        with bodies.share() as later:
            assert len((await read_body(call(), sends(ROOM), later)).content) == ROOM
        assert bodies.left == ROOM

    anyio.run(visit)


def test_a_client_that_leaves_gives_its_room_back() -> None:
    async def visit() -> None:
        bodies, whole = LargeBodies(ROOM), sends(2 * LARGEST)
        sent = 0

        async def leaves() -> Message:
            nonlocal sent
            sent += 1
            if sent > 5:
                raise ConnectionResetError
            return await whole()

        with pytest.raises(ConnectionResetError), bodies.share() as share:
            await read_body(call(), leaves, share)
        assert bodies.left == ROOM

    anyio.run(visit)


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/run/predict"])
def test_other_calls_have_no_large_bodies(path: str) -> None:
    async def visit() -> None:
        with LargeBodies(ROOM).share() as share, pytest.raises(BodyTooLarge):
            await read_body(call(path), sends(LARGEST + 1), share)

    anyio.run(visit)


def test_more_than_the_room_is_refused_before_it_is_read() -> None:
    async def never() -> Message:
        raise AssertionError("nothing is to be read")

    async def visit() -> None:
        with LargeBodies(ROOM).share() as share, pytest.raises(BodyTooLarge):
            await read_body(call(content_length=str(ROOM + 1)), never, share)

    anyio.run(visit)


def test_a_large_call_has_no_more_values_than_a_small_one() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"[" * (MOST_VALUES // 2 + 1), "more_body": True}

    async def visit() -> None:
        with LargeBodies(ROOM).share() as share, pytest.raises(TooManyValues):
            await read_body(call(), receive, share)

    anyio.run(visit)


def test_a_silent_client_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "SILENCE", 0.01)

    async def visit() -> None:
        bodies, whole = LargeBodies(ROOM), sends(2 * LARGEST)
        sent = 0

        async def falls_silent() -> Message:
            nonlocal sent
            sent += 1
            if sent > 2:
                await anyio.sleep_forever()
            return await whole()

        with pytest.raises(BodyTooSlow), bodies.share() as share:
            await read_body(call(), falls_silent, share)
        assert bodies.left == ROOM

    anyio.run(visit)


def test_a_slow_client_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_body, "LONGEST", 0.0)

    async def trickles() -> Message:
        await anyio.lowlevel.checkpoint()
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def visit() -> None:
        with pytest.raises(BodyTooSlow):
            await read_body(call("/gradio_api/queue/join"), trickles)

    anyio.run(visit)
