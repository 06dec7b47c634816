"""Reads the JSON body of a request before Gradio does, and hands it on unread."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

LARGEST = 2_000_000
"""Bytes. A call has the names of uploaded files in it, never the files."""
LARGEST_TOOL_CALL = 300_000_000
"""Bytes. A language model's tools may get files inside the call (MCP). All such calls share this room."""
TOOLS = "/gradio_api/mcp"


class BodyTooLarge(Exception):
    """More came than is taken; the number of bytes that are."""


class NoRoom(Exception):
    """Other large calls hold the memory that is set aside for them."""


class LargeBodies:
    """The memory for bodies above LARGEST, for all calls of a server together."""

    def __init__(self, most: int = LARGEST_TOOL_CALL) -> None:
        """most: bytes."""
        self.left = self.most = most

    @contextmanager
    def share(self) -> Iterator[Share]:
        """One call's part, which grows while its body comes in and is given back when the call has ended."""
        share = Share(self)
        try:
            yield share
        finally:
            self.left += share.held


class Share:
    """What one call holds of the room. held: bytes."""

    def __init__(self, room: LargeBodies) -> None:
        self._room, self.held = room, 0

    @property
    def most(self) -> int:
        """The largest body in bytes, where no other call has any."""
        return self._room.most

    def grow(self, size: int) -> None:
        """Hold as much as a body of `size` bytes needs. Raises NoRoom."""
        more = max(0, size - self.held if size > LARGEST else 0)
        if more > self._room.left:
            raise NoRoom
        self._room.left -= more
        self.held += more


@dataclass(frozen=True)
class Body:
    """What a request sent. fields: of a JSON object; empty for anything else, which Gradio refuses itself."""

    content: bytes
    fields: dict[str, Any]

    def with_field(self, name: str, value: Any) -> Body:
        """The same object with another field. Nothing changes where it was none."""
        if not self.fields:
            return self
        fields = self.fields | {name: value}
        return Body(json.dumps(fields).encode(), fields)

    def fitting(self, scope: Scope) -> Scope:
        """The scope with the length of this body in its headers."""
        kept = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
        return {**scope, "headers": [*kept, (b"content-length", str(len(self.content)).encode())]}

    def again(self, receive: Receive) -> Receive:
        """A `receive` that gives this body first, and then what comes after it."""
        given = False

        async def replayed() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": self.content, "more_body": False}

        return replayed


async def read_body(scope: Scope, receive: Receive, share: Share | None = None) -> Body:
    """Read the whole body, in bounded memory.

    share: of the room for tools' calls; other calls have at most LARGEST bytes.
    Raises BodyTooLarge as soon as more comes than may, and NoRoom where other large calls hold the room.
    """
    most = share.most if share is not None and TOOLS in scope["path"] else LARGEST
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > most:
        raise BodyTooLarge(most)
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise BodyTooLarge(most)
        if share is not None:
            share.grow(size)
        parts.append(part)
        more = message.get("more_body", False)
    content = b"".join(parts)
    return Body(content, _fields(content) if size <= LARGEST else {})


def _fields(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
