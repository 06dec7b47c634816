"""Finds the session that a request is about."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Scope

_HEARTBEAT = re.compile(r"/heartbeat/([^/]+)$")
_PLAYED = re.compile(r"/stream/([^/]+)/")
_ANSWER = re.compile(r"/call/(?:v2/)?[^/]+/([^/]+)/?$")


def page_of(scope: Scope) -> str:
    """The session of the connection that a page keeps open; "" for another request."""
    beats = _HEARTBEAT.search(scope["path"])
    return beats[1] if beats else ""


def listener_of(scope: Scope) -> str:
    """The session whose events a request waits for; "" for another request."""
    if not scope["path"].endswith("/queue/data"):
        return ""
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    return query.get("session_hash", [""])[0]


def watched_in(scope: Scope) -> str:
    """The session whose results a request reads without opening it: pieces of a stream, a call's answer."""
    if played := _PLAYED.search(scope["path"]):
        return played[1]
    answer = _ANSWER.search(scope["path"])
    return session_of_call(answer[1], scope["app"]) if answer else ""


def session_of_call(event: Any, app: Any) -> str:
    """The session of a call, while Gradio knows the call; "" for none. app: Gradio's application."""
    if not isinstance(event, str) or not event:
        return ""
    queue = app.get_blocks()._queue
    if known := queue.event_ids_to_events.get(event):
        return str(known.session_hash)
    waiting = queue.pending_event_ids_session.items()
    return next((str(session) for session, events in waiting if event in events), "")
