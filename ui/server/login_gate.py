"""Requires a login for everything but the login page, if the page has a password."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.client_address import address_of
from studio.hosting.spaces import on_space
from studio.settings import Settings
from ui.server.addresses import SHARED
from ui.server.logins import CURRENT, Attempt
from ui.server.own_requests import is_own_request
from ui.server.refusals import refuse_socket, refused
from ui.server.response_headers import UNCHANGING
from ui.server.session_cookies import DEVICE, device_cookie, harden, session_names

OPEN = frozenset(
    {"/", "/login", "/logout", "/manifest.json", "/gradio_api/startup-events", "/gradio_api/login_check"}
)
"""What the page serves without a login: the login page, which Gradio shows at `/`, and its files."""
LINKED = (f"/{SHARED}/",)
"""Paths of shared links; the secret is in the address."""
STRANGER = "joystudio.stranger"
"""The key in a request's scope that marks a sender who has not logged in to a page with a login."""
LOGIN = "joystudio.login"
"""The key in a request's scope that holds the name of the sender's login.

The server's requests to itself have none: it makes them for a visitor who has already logged in.
"""
MCP = "/gradio_api/mcp"
LANGUAGE_MODELS = "mcp"
"""The sender's name for Gradio's server for language models when it asks the page for its API."""
REMEMBERED = 600.0
"""Seconds for which the password of an earlier request is not hashed again."""
MOST = 1_000
MOST_SESSIONS = 10_000
"""Largest number of valid logins at the same time; beyond that, the oldest ends."""


@dataclass
class _Session:
    token: str
    until: float


class LoginGate:
    """ASGI middleware. Does nothing if the page has no password.

    A visitor is recognised by Gradio's cookie, a program also by `Authorization: Basic`, or Bearer followed
    by the same base64 text, in every request. Gradio sees a cookie in both cases.
    """

    def __init__(self, app: ASGIApp, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self.settings = settings
        self.clock = clock
        self._sessions: OrderedDict[bytes, _Session] = OrderedDict()
        self._secret = secrets.token_bytes(32)
        self._models_token = secrets.token_urlsafe(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gradio = scope.get("app")
        if scope["type"] not in ("http", "websocket") or gradio is None or gradio.auth is None:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        https = "https" in (scope["scheme"], headers.get("x-forwarded-proto", "")) or scope["scheme"] == "wss"
        attempt = Attempt(address_of(scope, self.settings), cookies.get(DEVICE, ""))
        CURRENT.set(attempt)

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                while len(gradio.tokens) > MOST_SESSIONS:
                    gradio.tokens.pop(next(iter(gradio.tokens)))
                harden(answer, https=https, framed=on_space())
                if attempt.new_device:
                    cookie = device_cookie(attempt.new_device, https=https, framed=on_space())
                    answer.append("set-cookie", cookie)
            await send(message)

        try:
            scope = await self._with_login(scope, headers, cookies, gradio)
        except HTTPException as error:
            await self._refuse(scope, receive, send_with_cookies, error)
            return
        await self.app(scope, receive, send_with_cookies)

    async def _with_login(
        self, scope: Scope, headers: Headers, cookies: dict[str, str], gradio: Any
    ) -> Scope:
        """The request as Gradio receives it. Raises HTTPException if Gradio must not receive it."""
        names = session_names(gradio.cookie_id)
        if found := [login for name in names if (login := gradio.tokens.get(cookies.get(name)))]:
            return {**scope, LOGIN: found[0]}
        if token := await self._token_of_header(headers.get("authorization", ""), gradio):
            return {**_with_cookie(scope, f"{names[0]}={token}"), LOGIN: gradio.tokens[token]}
        if is_own_request(scope, headers):
            gradio.tokens[self._models_token] = LANGUAGE_MODELS
            return _with_cookie(scope, f"{names[0]}={self._models_token}")
        path = scope["path"]
        if path.rstrip("/") in OPEN or path in OPEN or path.startswith((*UNCHANGING, *LINKED)):
            return {**scope, STRANGER: True}
        raise HTTPException(401, "This page asks for a name and a password. Log in first.")

    async def _token_of_header(self, value: str, gradio: Any) -> str | None:
        """Gradio's token for a name and password in a header. Raises HTTPException if they are wrong."""
        given = _name_and_password(value)
        if given is None or not callable(gradio.auth):
            return None
        now = self.clock()
        for key in [key for key, session in self._sessions.items() if session.until < now]:
            gradio.tokens.pop(self._sessions.pop(key).token, None)
        key = hashlib.blake2b("\0".join(given).encode("utf-8", "replace"), key=self._secret).digest()
        if key not in self._sessions:
            if not await gradio.auth(*given):
                raise HTTPException(401, "The name or the password in the header Authorization is wrong.")
            # Another request of the same program may have been faster.
            self._sessions.setdefault(key, _Session(secrets.token_urlsafe(32), 0.0))
            if len(self._sessions) > MOST:
                gradio.tokens.pop(self._sessions.popitem(last=False)[1].token, None)
        session = self._sessions[key]
        session.until = now + REMEMBERED
        gradio.tokens[session.token] = given[0].strip()
        return session.token

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, error: HTTPException) -> None:
        if scope["type"] == "websocket":
            response = refused(error.detail, error.status_code, error.headers)
            await refuse_socket(response, scope, receive, send)
            return
        headers = dict(error.headers or {})
        if error.status_code == 401 and scope["path"].startswith(MCP):
            headers["WWW-Authenticate"] = 'Basic realm="JoyStudio", charset="UTF-8"'
        # As in Gradio, so that its clients understand it.
        detail = {"error": "Not authenticated", "auth_message": error.detail}
        answer: Response = JSONResponse({"detail": detail}, error.status_code, headers)
        await answer(scope, receive, send)


def _with_cookie(scope: Scope, cookie: str) -> Scope:
    """The request with only this cookie, and without a password in its headers."""
    kept = [pair for pair in scope["headers"] if pair[0] not in (b"cookie", b"authorization")]
    return {**scope, "headers": [*kept, (b"cookie", cookie.encode("latin-1"))]}


def _name_and_password(value: str) -> tuple[str, str] | None:
    """The content of an Authorization header (RFC 7617); None for any other scheme."""
    scheme, _, text = value.partition(" ")
    if scheme.lower() not in ("basic", "bearer"):
        return None
    try:
        decoded = base64.b64decode(text.strip() + "=" * (-len(text.strip()) % 4), validate=True).decode(
            "utf-8"
        )
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, password = decoded.partition(":")
    return (name, password) if colon else None
