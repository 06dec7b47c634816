"""Lets a page whose live session has outlived a gap in the network finish it.

After such a gap, Gradio asks for the id of the application every two seconds, and loads the page again at the
first answer, which would end the session. A page with a live session sends a cookie, see live_window.js.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

APP_ID = "/gradio_api/app_id"
COOKIE = "joystudio-live"


class LiveWindows:
    """ASGI middleware that answers 503 to that question as long as the cookie is there."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse that question of a browser with a live session; pass on everything else."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(APP_ID) and _is_live(scope):
            answer = PlainTextResponse("A live session is open.", 503, {"cache-control": "no-store"})
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _is_live(scope: Scope) -> bool:
    try:
        return any(COOKIE in SimpleCookie(value) for value in Headers(scope=scope).getlist("cookie"))
    except CookieError:
        return False
