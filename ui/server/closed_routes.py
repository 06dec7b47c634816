"""Closes the addresses of Gradio that this page does not use, before Gradio answers them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.server.refusals import refused

CLOSED = (
    "/gradio_api/token",  # tells a script the secret of a login, which the cookie keeps from it
    "/gradio_api/deep_link",  # keeps a copy of everything on a visitor's page, at an address for everyone
    "/gradio_api/proxy={path:path}",  # fetches from Spaces in a visitor's name
    "/gradio_api/process_recording",  # runs FFmpeg on what a visitor sends, in no child with limits
    "/gradio_api/dev/{path:path}",
    "/gradio_api/vibe-edit",
    "/gradio_api/undo-vibe-edit",
    "/gradio_api/vibe-code",
    "/gradio_api/vibe-starter-queries",
    "/gradio_api/run-history/{path:path}",
    "/gradio_api/profiling/{path:path}",
    "/monitoring",
    "/monitoring/{path:path}",
)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def closed_routes() -> list[Route]:
    """Routes that always answer 404."""
    paths = (path for closed in CLOSED for path in ((closed,) if "}" in closed else (closed, f"{closed}/")))
    return [Route(path, _closed, methods=METHODS, include_in_schema=False) for path in paths]


def _closed(request: Request) -> Response:
    return refused("This page does not offer that.", 404)
