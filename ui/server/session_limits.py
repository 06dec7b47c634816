"""Finds the session of each request, and refuses it at a limit or if the session is someone else's."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from media.errors import LineFull, OutputError
from media.messages import said
from studio.client_address import address_of
from ui.server.calls import Calls, event_of, reading_event
from ui.server.data_files import DataFiles
from ui.server.given_files import with_addresses
from ui.server.login_gate import LOGIN
from ui.server.refusals import refused
from ui.server.request_body import TOOLS, BodyRefused, CallShare, LargeBodies, read_body
from ui.server.sessions import Sessions
from ui.server.upload_ledger import Ledger
from ui.server.upload_limits import brings_files

LONGEST_NAME = 64
"""Characters of a session's name, which is stored in many places; Gradio's clients send about ten."""
_CALL = re.compile(r"/call/(?!v2/)[^/]+/?$")
_HEARTBEAT = re.compile(r"/heartbeat/([^/]+)$")
_PLAYED = re.compile(r"/stream/([^/]+)/[^/]+/[^/]+/")


class SessionLimits:
    """ASGI middleware that finds the session of each request."""

    def __init__(self, app: ASGIApp, sessions: Sessions, ledger: Ledger) -> None:
        """ledger: for the files that a call brings."""
        self.app, self.sessions = app, sessions
        self._files = DataFiles(sessions.settings, ledger)
        self._large, self._calls = LargeBodies(), Calls()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, 429 or 503 instead of Gradio at a limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "GET":
            await self._stream(scope, receive, send)
        elif scope["method"] == "POST" and not brings_files(scope):
            with self._large.share() as share:
                await self._call(scope, receive, send, share)
        else:
            await self.app(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A connection that stays open while the page is open."""
        page = page_of(scope)
        session = page or listener_of(scope)
        if refusal := self._refusal_of_another(scope, session or played_in(scope), event_of(scope)):
            await refusal(scope, receive, send)
            return
        if not session:
            await self.app(scope, receive, send)
            return
        address = address_of(scope, self.sessions.settings)
        if refusal := self._refusal(session, address, scope):
            await refusal(scope, receive, send)
            return
        if self.sessions.crowded(address):
            why = "Your network address has too many connections open. Close some of its pages."
            await refused(why, 429, {"Retry-After": "60"})(scope, receive, send)
            return
        visit = self.sessions.saw(session, address, scope.get(LOGIN, ""))
        visit.page = visit.page or bool(page)
        visit.streams += 1
        try:
            await self.app(scope, receive, send)
        finally:
            visit.streams -= 1
            visit.last = self.sessions.clock()

    def _refusal_of_another(self, scope: Scope, session: str, *events: object) -> Response | None:
        login = scope.get(LOGIN, "")
        if self.sessions.belongs_to_another(session, login) or any(
            self._calls.refuses(event, login) for event in events
        ):
            return refused("This session belongs to another login. Reload the page.", 403)
        return None

    def _refusal(self, session: str | None, address: str, scope: Scope) -> Response | None:
        if session is not None and len(session) > LONGEST_NAME:
            return refused(
                said(
                    "The session's name has more than {longest} characters. Send a shorter one.",
                    longest=LONGEST_NAME,
                ),
                400,
            )
        if why := self.sessions.refusal(session, address, scope["app"].state_holder):
            return refused(why, 429, {"Retry-After": "60"})
        return None

    def _with_uploads(self, address: str) -> Callable[[bytes], bytes]:
        """What makes uploads of the files inside a call from an address."""
        return lambda content: with_addresses(content, lambda text: self._files.stored(text, address))

    async def _call(self, scope: Scope, receive: Receive, send: Send, share: CallShare) -> None:
        app = scope["app"]  # a mounted application puts itself there
        try:
            body = await read_body(scope, receive, share)
        except BodyRefused as error:
            later = {"Retry-After": "60"} if error.status == 503 else None
            await refused(str(error), error.status, later)(scope, receive, send)
            return
        session = body.fields.get("session_hash")
        session = session if isinstance(session, str) and session else None
        if session is None and _CALL.search(scope["path"]):
            session = secrets.token_hex(8)  # Gradio would choose one as well, and make the whole copy
            body = body.with_field("session_hash", session)
            scope = body.fitting(scope)
        address, login = address_of(scope, self.sessions.settings), scope.get(LOGIN, "")
        if refusal := self._refusal_of_another(
            scope, session or "", event_of(scope), body.fields.get("event_id")
        ):
            await refusal(scope, receive, send)
            return
        if refusal := self._refusal(session, address, scope):
            await refusal(scope, receive, send)
            return
        if TOOLS in scope["path"]:
            try:
                body = await asyncio.to_thread(body.with_content, self._with_uploads(address))
            except (LineFull, OutputError) as error:
                status = 429 if isinstance(error, LineFull) else 507
                await refused(str(error), status, {"Retry-After": "60"})(scope, receive, send)
                return
            scope = body.fitting(scope)
        if session:
            self.sessions.saw(session, address, login)
            self.sessions.begin(session, app)
        try:
            await self.app(
                scope, body.again(receive), reading_event(send, lambda event: self._calls.note(event, login))
            )
        finally:
            holder = app.state_holder
            for new in set(holder.session_data) - set(self.sessions.visits):
                self.sessions.saw(new, address, login)
            self.sessions.trim(holder)


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
