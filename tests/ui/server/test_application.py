"""Our routes and middleware come before Gradio's own; the rest of the guard relies on that."""

from __future__ import annotations

import re
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.ui.server.serving import serving, small_page
from ui.app import free_port
from ui.server.application import wrapped_in

SEEN: list[str] = []
OPEN_IN_GRADIO = (
    "/monitoring",
    *(
        f"/gradio_api/{name}"
        for name in ("token", "deep_link", "process_recording", "dev/", "vibe", "undo-vibe", "profiling")
    ),
)
"""What Gradio would answer to anybody, or does for its own developers."""


class Stamp:
    """Records the requests, and writes its name over Gradio's permission for other sites."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app = app
        self.name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0] != b"access-control-allow-origin"]
                message["headers"] = [*kept, (b"access-control-allow-origin", self.name.encode())]
            await send(message)

        SEEN.append(f"{self.name} {scope.get('method')} {scope.get('path')}")
        await self.app(scope, receive, stamped)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    def ours(request: Request) -> Response:
        return PlainTextResponse("ours")

    with gr.Blocks() as page:
        gr.HTML("A page.")
    _, url, _ = page.launch(
        prevent_thread_lock=True,
        quiet=True,
        server_port=free_port(),
        app_kwargs={
            "routes": [Route("/config", ours), Route("/gradio_api/file={path:path}", ours)],
            "lifespan": wrapped_in([Middleware(Stamp, "outer"), Middleware(Stamp, "inner")]),
        },
    )
    yield url
    page.close(verbose=False)


def test_our_routes_take_precedence_over_gradios(url: str) -> None:
    assert httpx.get(f"{url}config").text == "ours"
    assert httpx.get(f"{url}gradio_api/file=anything/at/all").text == "ours"
    assert "ours" not in httpx.get(url).text


def test_middleware_of_ours_sees_everything_first_and_has_the_last_word(url: str) -> None:
    SEEN.clear()
    answer = httpx.get(url, headers={"Origin": url.rstrip("/")})
    assert SEEN == ["outer GET /", "inner GET /"]
    assert answer.headers.get_list("Access-Control-Allow-Origin") == ["outer"]
    preflight = httpx.options(
        url, headers={"Origin": url.rstrip("/"), "Access-Control-Request-Method": "POST"}
    )
    assert preflight.headers.get_list("Access-Control-Allow-Origin") == ["outer"]
    missing = httpx.get(f"{url}nowhere", headers={"Origin": "http://elsewhere.example"})
    assert missing.status_code == 404
    assert missing.headers.get_list("Access-Control-Allow-Origin") == ["outer"]


def test_unused_routes_are_closed() -> None:
    page = small_page()
    with serving(page=page) as url:
        named = [path for path in page.app.openapi()["paths"] if path.startswith(OPEN_IN_GRADIO)]
        assert len(named) > 8
        for path in (*named, "/gradio_api/proxy=https://x.hf.space/", "/monitoring/"):
            for method in ("GET", "POST"):
                answer = httpx.request(method, url.rstrip("/") + re.sub(r"\{[^}]+\}", "x", path))
                assert answer.status_code == 404, path
                assert answer.text.startswith("This page does not offer that.")
