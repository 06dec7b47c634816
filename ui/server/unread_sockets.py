"""Ends the WebSockets whose other end takes nothing any more."""

from __future__ import annotations

import asyncio
from typing import Any

import gradio as gr
from starlette.types import ASGIApp, Receive, Scope, Send

GRACE = 1.0
"""Seconds in which the other end may take what was sent, after its WebSocket is done with."""


class UnreadSockets:
    """ASGI middleware that drops a WebSocket's connection if its last messages are not taken.

    The web server closes a connection once everything is sent, and waits for that without a limit: a program
    that never reads would keep a descriptor and the largest frame for as long as it likes, and the page could
    not stop. page: the page that is served.
    """

    def __init__(self, app: ASGIApp, page: gr.Blocks | None) -> None:
        self.app, self._page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "websocket" and self._page is not None and self._page.is_running:
                for transport in _transports(self._page.server, scope):
                    asyncio.get_running_loop().call_later(GRACE, _drop, transport)


def _transports(server: Any, scope: Scope) -> list[asyncio.Transport]:
    """The connection of a WebSocket; none if it is closed. server: of uvicorn."""
    found = []
    for connection in server.server_state.connections:
        own = getattr(connection, "scope", None)
        # Middleware may have copied the scope, and changed its addresses, but not this part of it.
        if own is not None and own.get("state") is scope["state"]:
            found.append(connection.transport)
    return found


def _drop(transport: asyncio.Transport) -> None:
    if transport.get_write_buffer_size():
        transport.abort()
