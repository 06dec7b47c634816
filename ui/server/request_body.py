"""Reads the JSON body of a request before Gradio does, and hands it on unread."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

LARGEST = 2_000_000
"""Bytes. A call has the names of uploaded files in it, never the files."""
LARGEST_TOOL_CALL = 300_000_000
"""Bytes. A language model's tools may get files inside the call (MCP)."""


class BodyTooLarge(Exception):
    """More came than is taken; the number of bytes that are."""


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


async def read_body(scope: Scope, receive: Receive) -> Body:
    """Read the whole body. Raises BodyTooLarge as soon as more comes than may; so the memory is bounded."""
    most = LARGEST_TOOL_CALL if "/mcp" in scope["path"] else LARGEST
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
