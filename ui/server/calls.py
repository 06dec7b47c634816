"""Records which login made which call, so that no other login reads its answer, sends it data or ends it.

Gradio lets anyone who names a call's event act on it.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable

from starlette.types import Message, Scope, Send

KEPT = 1000
"""Largest number of recorded calls of one login; the newest are kept."""
_ANSWER = re.compile(r"/call/(?:v2/)?[^/]+/([^/]+)/?$")
_FED = re.compile(r"/stream/([^/]+)(?:/close)?/?$")
_LARGEST_ANSWER = 1000
"""Bytes. Gradio answers a call with only the name of its event."""


class Calls:
    """The latest calls of every login, by the event in Gradio's answer."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._owner: dict[str, str] = {}
        self._events: dict[str, deque[str]] = {}

    def note(self, event: str, login: str) -> None:
        """Record a call. login: "" on a page without logins, where nothing is recorded."""
        if not login:
            return
        events = self._events.setdefault(login, deque())
        if len(events) >= self._kept:
            self._owner.pop(events.popleft(), None)
        events.append(event)
        self._owner[event] = login

    def refuses(self, event: object, login: str) -> bool:
        """Whether a request about a call is refused: the call belongs to another login, or is not
        recorded.
        """
        return bool(event and login) and self._owner.get(str(event)) != login


def event_of(scope: Scope) -> str:
    """The call in an address, for reading its answer or sending it data; "" for another request."""
    named = _ANSWER.search(scope["path"]) or _FED.search(scope["path"])
    return named[1] if named else ""


def reading_event(send: Send, note: Callable[[str], None]) -> Send:
    """A `send` that passes on Gradio's answer unchanged, after recording the event in it."""
    start = b""

    async def read(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.body" and len(start) <= _LARGEST_ANSWER:
            start += message.get("body", b"")[: _LARGEST_ANSWER + 1]
            if not message.get("more_body", False) and (event := _event_in(start)):
                note(event)
        await send(message)

    return read


def _event_in(answer: bytes) -> str:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    event = found.get("event_id") if isinstance(found, dict) else None
    return event if isinstance(event, str) else ""
