"""Closes the routes of Gradio that this page does not use."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.server.refusals import refused

CLOSED = (
    "/gradio_api/token",  # gives scripts the secret of a login, which the cookie keeps from them
    "/gradio_api/deep_link",  # publishes a copy of everything on a visitor's page
    "/gradio_api/proxy={path:path}",  # sends requests to Spaces in a visitor's name
    "/gradio_api/process_recording",  # runs FFmpeg on a visitor's data, outside any process with limits
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
