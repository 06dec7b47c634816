"""What `Blocks.launch` gets as `app_kwargs`: our routes, and our middleware around the whole application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from studio.settings import Settings


def app_kwargs(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for Gradio's FastAPI application.

    Its router takes the first route that fits, and these are in it before Gradio adds its own.
    """
    return {"routes": routes(settings), "lifespan": wrapped_in(middleware(settings))}


def routes(settings: Settings) -> list[BaseRoute]:
    """The addresses of our own, in the order in which they are tried."""
    return []


def middleware(settings: Settings) -> list[Middleware]:
    """What every request passes, from the outermost inward, before any of Gradio's middleware."""
    return []


def wrapped_in(
    middleware: Sequence[Middleware],
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A lifespan that puts middleware around the application before it takes its first request.

    FastAPI's own argument `middleware` would not do: Gradio adds its CORS middleware afterwards, and what is
    added last is outermost. It answers preflights by itself, and adds headers to answers that ours had made.
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
