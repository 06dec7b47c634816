"""Finds the session that a request belongs to."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from starlette.types import Scope

_HEARTBEAT = re.compile(r"/heartbeat/([^/]+)$")
_PLAYED = re.compile(r"/stream/([^/]+)/[^/]+/[^/]+/")


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


def played_in(scope: Scope) -> str:
    """The session whose stream a request plays; "" for another request."""
    played = _PLAYED.search(scope["path"])
    return played[1] if played else ""
