"""Lets a page run the inline scripts it was made with, and no others."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.login_gate import STRANGER
from ui.server.response_headers import ResponseHeaders

_INLINE = re.compile(rb"<script(?![^>]*\ssrc[\s=])[^>]*>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_API = re.compile(rb"(<script>window\.gradio_api_info = )[^<]*(?=</script>)")
LARGEST = 16 << 20
"""Bytes of a page that are held until it is complete."""


def script_hashes(page: bytes) -> list[str]:
    """A source expression `'sha256-...'` for each inline script of a page, in order (CSP level 3, 2.3.1)."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode('ascii')}'"
        for script in dict.fromkeys(_INLINE.findall(page))
    ]


def without_api(page: bytes) -> bytes:
    """The login page without the description of the API.

    Gradio writes it into the page for everyone.
    """
    return _API.sub(rb'\1{"named_endpoints":{},"unnamed_endpoints":{}};', page)


class PagePolicy:
    """ASGI middleware that reads the page before it is compressed, so inside Gradio's middleware.

    Gradio writes the page's configuration into it, different for each visitor, so the hashes are new each
    time.
    """

    def __init__(self, app: ASGIApp, headers: ResponseHeaders, known: Iterable[str] = ()) -> None:
        """known: HTML that Gradio's own script inserts into the page later."""
        self.app = app
        self.headers = headers
        self.known = tuple(each for html in known for each in script_hashes(html.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started: Message | None = None
        body = bytearray()

        async def send_whole(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start" and _is_page(Headers(raw=message["headers"])):
                started = message
            elif message["type"] == "http.response.body" and started is not None:
                body.extend(message.get("body", b""))
                if message.get("more_body"):
                    return
                page = without_api(bytes(body)) if scope.get(STRANGER) else bytes(body)
                headers = MutableHeaders(raw=started["headers"])
                headers["Content-Length"] = str(len(page))
                policy = self.headers.policy((*script_hashes(page), *self.known))
                headers["Content-Security-Policy"] = policy
                await send(started)
                await send({"type": "http.response.body", "body": page})
            else:
                await send(message)

        await self.app(scope, receive, send_whole)


def _is_page(headers: Headers) -> bool:
    size = headers.get("content-length")
    html = headers.get("content-type", "").startswith("text/html")
    saved = headers.get("content-disposition", "").startswith("attachment")
    return html and not saved and size is not None and int(size) <= LARGEST
