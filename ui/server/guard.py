"""Refuses requests that other websites make through a visitor's browser, and requests under other names.

Fetch metadata (W3C), Origin (RFC 6454) and the name in the Host header decide. Programs send neither fetch
metadata nor Origin, and get an answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.messages import said
from studio.allowed_hosts import AllowedHosts
from studio.hosting.spaces import on_space
from studio.settings import Settings
from studio.web_address import Host, parse_host, parse_origin
from ui.server.addresses import SHARED
from ui.server.refusals import refuse_socket, refused
from ui.server.response_headers import ResponseHeaders

OPENED = frozenset({"/"})
"""What other websites may link to: the page, which is also the target of shared links (`/?run=...`)."""
SHARED_FILES = f"/{SHARED}/"
"""The path of shared video files, which other websites may link to as well."""
FORWARDED_HOST = "x-forwarded-host"


def allowed_hosts(settings: Settings) -> AllowedHosts:
    """The host names that this process answers to: those of the settings and, on a Space, the Space's own."""
    space = on_space()
    return AllowedHosts.of(
        "0.0.0.0" if space else settings.host,
        settings.allowed_hosts,
        more=os.environ.get("SPACE_HOST", "").split(",") if space else (),
    )


@dataclass(frozen=True)
class Guard:
    """ASGI middleware; the outermost, so that refusals and errors have its headers, too.

    tunnel: the address of Gradio's tunnel once there is one, as "https://name.gradio.live". trusted_proxy:
    whether a trusted proxy sets X-Forwarded-Host; otherwise Gradio does not see it.
    """

    app: ASGIApp
    hosts: AllowedHosts
    headers: ResponseHeaders
    tunnel: Callable[[], str | None] = lambda: None
    trusted_proxy: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                self.headers.put(MutableHeaders(scope=message), scope["path"])
            await send(message)

        why = self.refusal(scope)
        if why and scope["type"] == "websocket":
            await refuse_socket(refused(why, 403), scope, receive, send_with_headers)
        elif why:
            await refused(why, 403)(scope, receive, send_with_headers)
        else:
            if not self.trusted_proxy:
                kept = [pair for pair in scope["headers"] if pair[0] != FORWARDED_HOST.encode()]
                scope = {**scope, "headers": kept}
            await self.app(scope, receive, send_with_headers)

    def refusal(self, scope: Scope) -> str:
        """Why this request is refused, in a sentence; "" if it is not."""
        headers = Headers(scope=scope)
        host = self._host(headers)
        if isinstance(host, str):
            return host
        origins = headers.getlist("origin")
        scheme = "https" if scope["scheme"] in ("https", "wss") else "http"
        if origins and not (len(origins) == 1 and self._own(origins[0], host, scheme)):
            shown = origins[0][:100].encode("ascii", "replace").decode()
            return said(
                "Requests from other websites are refused; this one is from {shown}. Open the page itself.",
                shown=shown,
            )
        site = headers.get("sec-fetch-site", "none")
        if site not in ("none", "same-origin") and not _opens_the_page(scope, headers):
            return (
                "Another website made your browser send this request, which is refused. Open the page itself."
            )
        return ""

    def _host(self, headers: Headers) -> Host | str:
        """The host that the visitor's browser requested, or why it is refused."""
        names = headers.getlist("host")
        host = parse_host(names[0]) if len(names) == 1 else None
        forwarded = headers.get(FORWARDED_HOST, "") if self.trusted_proxy else ""
        asked = parse_host(forwarded.partition(",")[0].strip()) if forwarded else host
        if host is None or asked is None:
            return "The request has no Host header, or an invalid one."
        for each in (host, asked):  # a website that uses DNS rebinding could send any X-Forwarded-Host
            if not self.hosts.allow(each) and not self._is_tunnel(each):
                return said(
                    "This page does not answer to the name {name}. If its machine has that name, the "
                    "machine's owner can add it to JOYSTUDIO_ALLOWED_HOSTS.",
                    name=each.name,
                )
        return asked

    def _own(self, value: str, host: Host, scheme: str) -> bool:
        origin = parse_origin(value)
        return origin is not None and (origin.is_of(host, scheme=scheme) or self.hosts.names(origin))

    def _is_tunnel(self, host: Host) -> bool:
        address = self.tunnel()
        tunnel = parse_origin(address.rstrip("/")) if address else None
        return tunnel is not None and tunnel.host.name == host.name


def _opens_the_page(scope: Scope, headers: Headers) -> bool:
    """Whether this opens the page, from a link or inside a website's frame.

    The page's Content-Security-Policy says which websites may do that.
    """
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and (scope["path"] in OPENED or scope["path"].startswith(SHARED_FILES))
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest", "document") in ("document", "iframe", "frame")
    )
