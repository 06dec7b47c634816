"""Reads the JSON body of a request before Gradio does, and passes it on unchanged."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from media.messages import said

LARGEST = 500_000
"""Bytes. A call contains the names of uploaded files, never the files."""
MOST_VALUES = 5_000
"""Values in one call. As Python objects, each takes up to 100 times its bytes in JSON."""
SEPARATORS = b",[{"
"""Each value of a JSON text follows one of these; inside texts they only make the count larger."""
SILENCE, LONGEST, LONGEST_TOOL_CALL = 20.0, 60.0, 900.0
"""Seconds without a byte, and in total, after which a call is aborted."""
LARGEST_TOOL_CALL = 300_000_000
"""Bytes. A language model's tools may receive files inside the call (MCP). All such calls share this room."""
TOOLS = "/gradio_api/mcp"


class BodyRefused(Exception):
    """A body that is refused before its end: the reason, in a sentence, and the status of the answer."""

    status = 413


class BodyTooLarge(BodyRefused):
    """The body is larger than the limit."""

    def __init__(self, most: int) -> None:
        super().__init__(
            said(
                "The request has more than {most:g} MB. Send files to the upload address.",
                most=most / 1e6,
            )
        )


class TooManyValues(BodyRefused):
    """The body would take too much memory once parsed."""

    def __init__(self) -> None:
        super().__init__(
            said(
                "The request has more than {most} values, the limit for one call. Send fewer.",
                most=MOST_VALUES,
            )
        )


class BodyTooSlow(BodyRefused):
    """The body did not arrive in time."""

    status = 408

    def __init__(self) -> None:
        super().__init__("The request arrived too slowly and was aborted. Send it again.")


class NoRoom(BodyRefused):
    """Other large calls use the memory that is reserved for them."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "The server is reading other large calls. Pass files by their address, or try again in a minute."
        )


class LargeBodies:
    """The memory for bodies above LARGEST, for all calls of a server together."""

    def __init__(self, most: int = LARGEST_TOOL_CALL) -> None:
        """most: bytes."""
        self.left = self.most = most

    @contextmanager
    def share(self) -> Iterator[CallShare]:
        """One call's part, which grows while its body arrives and is released when the call has ended."""
        share = CallShare(self)
        try:
            yield share
        finally:
            self.left += share.held


class CallShare:
    """One call's part of the room. held: bytes."""

    def __init__(self, room: LargeBodies) -> None:
        self._room, self.held = room, 0

    @property
    def most(self) -> int:
        """The largest possible body in bytes, if no other call holds any."""
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
    """The body of a request. fields: of a JSON object; empty for anything else, which Gradio refuses
    itself.
    """

    content: bytes
    fields: dict[str, Any]

    def with_field(self, name: str, value: Any) -> Body:
        """The same object with another field. A body without an object stays unchanged."""
        if not self.fields:
            return self
        fields = self.fields | {name: value}
        return Body(json.dumps(fields).encode(), fields)

    def with_content(self, change: Callable[[bytes], bytes]) -> Body:
        """The body with another content."""
        content = change(self.content)
        return self if content is self.content else Body(content, self.fields)

    def fitting(self, scope: Scope) -> Scope:
        """The scope with the length of this body in its headers."""
        kept = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
        return {**scope, "headers": [*kept, (b"content-length", str(len(self.content)).encode())]}

    def again(self, receive: Receive) -> Receive:
        """A `receive` that gives this body first, and then everything after it."""
        given = False

        async def replayed() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": self.content, "more_body": False}

        return replayed


async def read_body(scope: Scope, receive: Receive, share: CallShare | None = None) -> Body:
    """Read the whole body, in bounded memory and time.

    share: of the room for tools' calls; other calls have at most LARGEST bytes. Raises BodyTooLarge or
    TooManyValues as soon as the limit is exceeded, BodyTooSlow if the body does not arrive, and NoRoom if
    other large calls hold the room.
    """
    large = share is not None and TOOLS in scope["path"]
    most = share.most if share is not None and large else LARGEST
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > most:
        raise BodyTooLarge(most)
    deadline = time.monotonic() + (LONGEST_TOOL_CALL if large else LONGEST)
    parts, size, values, more = [], 0, 0, True
    while more:
        message = await _next(receive, deadline)
        if message["type"] != "http.request":
            break
        part = message.get("body", b"")
        size += len(part)
        values += sum(map(part.count, SEPARATORS))
        if size > most:
            raise BodyTooLarge(most)
        if values > MOST_VALUES:
            raise TooManyValues
        if share is not None:
            share.grow(size)
        parts.append(part)
        more = message.get("more_body", False)
    content = b"".join(parts)
    return Body(content, _fields(content) if size <= LARGEST else {})


async def _next(receive: Receive, deadline: float) -> Message:
    left = min(SILENCE, deadline - time.monotonic())
    try:
        return await asyncio.wait_for(receive(), max(0.0, left))
    except TimeoutError:
        raise BodyTooSlow from None


def _fields(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
