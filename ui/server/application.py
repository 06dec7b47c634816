"""The `app_kwargs` of `Blocks.launch`: our routes, and our middleware around the whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import gradio as gr
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from studio.hosting.spaces import on_space
from studio.settings import Settings
from ui.server.api_examples import ApiExamples, example_routes
from ui.server.cancelling import Cancelling
from ui.server.closed_routes import closed_routes
from ui.server.event_search import event_search_routes
from ui.server.guard import Guard, allowed_hosts
from ui.server.link_preview import LinkPreview
from ui.server.live_sockets import UncompressedSockets, hosting, live_routes
from ui.server.live_windows import LiveWindows
from ui.server.login_gate import LoginGate
from ui.server.page_policy import PagePolicy
from ui.server.response_headers import HUB, ResponseHeaders
from ui.server.scripts import script_routes
from ui.server.session_limits import SessionLimits
from ui.server.sessions import Sessions, sweeping
from ui.server.unread_sockets import UnreadSockets
from ui.server.upkeep import upkeep
from ui.server.upload_ledger import Ledger
from ui.server.upload_limits import UploadLimits
from ui.server.video_pages import page_routes
from ui.server.videos import video_routes
from ui.server.zips import zip_routes

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def app_kwargs(settings: Settings, page: gr.Blocks | None = None, head: str = "") -> dict[str, Any]:
    """Keyword arguments for Gradio's FastAPI application.

    Its router takes the first matching route, and these come before Gradio's own.

    page: the page to launch. head: the HTML for its head.
    """
    headers = ResponseHeaders(
        framed_by=HUB if on_space() else (), tunnelled=lambda: page is not None and page.share
    )
    sessions, ledger = Sessions(settings), Ledger(settings)
    lifespan = together(
        wrapped_in(middleware(settings, headers, page, sessions, ledger)),
        sweeping(sessions),
        upkeep(settings),
        hosting(settings),
    )
    return {
        "routes": routes(settings, ledger),
        "middleware": [
            Middleware(PagePolicy, headers, [head]),
            Middleware(LinkPreview, settings),
            Middleware(ApiExamples),
        ],
        "lifespan": lifespan,
    }


def routes(settings: Settings, ledger: Ledger) -> list[BaseRoute]:
    """Our own routes, in the order in which they are tried. ledger: of uploads."""
    return [
        *live_routes(settings, ledger),
        *video_routes(settings),
        *page_routes(settings),
        *zip_routes(settings),
        *example_routes(),
        *script_routes(),
        *event_search_routes(),
        *closed_routes(),
    ]


def middleware(
    settings: Settings,
    headers: ResponseHeaders,
    page: gr.Blocks | None,
    sessions: Sessions,
    ledger: Ledger,
) -> list[Middleware]:
    """The middleware that every request passes before Gradio's, from the outermost inward."""
    return [
        Middleware(
            Guard,
            hosts=allowed_hosts(settings),
            headers=headers,
            tunnel=lambda: page.share_url if page else None,
            trusted_proxy=settings.trusted_proxy or on_space(),
        ),
        Middleware(LoginGate, settings),
        Middleware(SessionLimits, sessions, ledger),
        Middleware(UploadLimits, settings, ledger),
        Middleware(Cancelling),
        Middleware(LiveWindows),
        Middleware(UncompressedSockets, page),
        Middleware(UnreadSockets, page),
    ]


def together(*lifespans: Lifespan) -> Lifespan:
    """Several lifespans as one: they start in this order, and end in reverse."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for each in lifespans:
                await stack.enter_async_context(each(app))
            yield

    return lifespan


def wrapped_in(middleware: Sequence[Middleware]) -> Lifespan:
    """A lifespan that puts middleware around the application before its first request.

    FastAPI's own argument `middleware` is not enough: Gradio adds its CORS middleware afterwards, and the
    last one added is outermost. It answers preflights itself, and adds headers to responses of ours.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        inner = app.middleware_stack
        assert inner is not None  # the lifespan itself came through it
        for each in reversed(middleware):
            inner = each.cls(inner, *each.args, **each.kwargs)
        app.middleware_stack = inner
        yield

    return lifespan
