"""The WebSocket of live sessions: `/live/v1`. docs/live-api.md describes its messages."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import gradio as gr
from starlette.applications import Starlette
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from media.errors import LineFull
from studio.client_address import address_of
from studio.events import Result
from studio.gallery.visitors import NO_OWNER
from studio.live.socket import Client, LiveHost
from studio.settings import Settings
from ui.api.owner import caller_of
from ui.given_inputs import note_given_live
from ui.i18n.catalogue import chinese
from ui.i18n.page_form import page_form, without_folders
from ui.server.addresses import Addresses
from ui.server.login_gate import LOGIN
from ui.server.upload_ledger import Ledger

PATH = "/live/v1"
_LONGEST_REASON = 120
"""Bytes of a closing reason (RFC 6455, 5.5)."""


def live_routes(settings: Settings, ledger: Ledger) -> list[BaseRoute]:
    """The route of live sessions. The middleware has checked host, origin and login. ledger: of uploads."""

    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await live_host(websocket.app).converse(
            Socket(websocket), client_of(websocket.scope, settings, ledger)
        )

    return [WebSocketRoute(PATH, live)]


def hosting(settings: Settings) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A lifespan that makes the `LiveHost` of an application, and ends its sessions."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        host = app.state.live = LiveHost(settings)
        try:
            yield
        finally:
            host.end()
            host.close()

    return lifespan


def live_host(app: Any) -> LiveHost:
    """The live sessions of an application: of `request.app` in a handler, or of `Blocks.app`."""
    host: LiveHost = app.state.live
    return host


def client_of(scope: Scope, settings: Settings, ledger: Ledger) -> Client:
    """Who opens a connection: by login, otherwise by address, which programs behind it share."""
    address, login = address_of(scope, settings), scope.get(LOGIN, "")

    def upload(size: int) -> None:
        if why := ledger.refusal(address, size):
            raise LineFull(why)
        ledger.note(address, size)

    def owner_of(token: Any) -> tuple[str, str]:
        caller = caller_of(token)
        return caller.owner, caller.new or ""

    def described(result: Result, owner: str) -> dict[str, Any]:
        return {"address": Addresses(settings).video(owner, result, "video")} if owner != NO_OWNER else {}

    who = ("login", login) if login else ("address", address)
    shared = None if login else address
    return Client(
        who,
        login,
        shared,
        upload=upload,
        owner_of=owner_of,
        described=described,
        kept=lambda result, opening: note_given_live(result, opening, settings),
        worded=lambda sentence: in_both_languages(without_folders(sentence)),
        worded_for_page=lambda sentence: in_both_languages(page_form(sentence)),
    )


def in_both_languages(sentence: str) -> dict[str, Any]:
    """A sentence as the fields of a message, also in Chinese."""
    other = chinese(sentence)
    return {"message": sentence[:]} | ({"message_zh": other} if other else {})


class Socket:
    """A WebSocket as a `studio.live.socket.Connection`."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes | None:
        """The next message; None once the other end is gone."""
        message = await self._websocket.receive()
        if message["type"] != "websocket.receive":
            return None
        text = message.get("text")
        return text if text is not None else message.get("bytes", b"")

    async def send(self, message: str | bytes) -> None:
        """Send a message. Raises ConnectionError if the other end is gone."""
        kind = "text" if isinstance(message, str) else "bytes"
        try:
            await self._websocket.send({"type": "websocket.send", kind: message})
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            raise ConnectionError(str(error)) from error

    async def close(self, code: int, reason: str) -> None:
        """Close it. Does nothing if it is closed."""
        connected = WebSocketState.CONNECTED
        if self._websocket.application_state == connected == self._websocket.client_state:
            # The other end may have closed it without a message that was read.
            with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
                await self._websocket.close(code, reason[:_LONGEST_REASON])


class UncompressedSockets:
    """ASGI middleware that lets the server's WebSockets go uncompressed, from its first request on.

    Encoded pictures do not become smaller, and trying takes the event loop longer than sending them.
    page: the page that is served; its first request is its own, while it starts.
    """

    def __init__(self, app: ASGIApp, page: gr.Blocks | None) -> None:
        self.app, self._page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._page is not None and self._page.is_running:
            self._page.server.config.ws_per_message_deflate = False
        await self.app(scope, receive, send)
