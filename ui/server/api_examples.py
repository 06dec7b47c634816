"""Shows examples that run in "Use via API", and serves the portraits and voices in them."""

from __future__ import annotations

import json

from gradio.route_utils import get_root_url
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.snippets import FILE, example_files, snippets
from ui.server.addresses import EXAMPLES
from ui.server.changed_body import changing
from ui.server.given_files import example_file
from ui.server.refusals import refused

INFO = "/gradio_api/info"


def example_routes() -> list[Route]:
    """The route of the portraits and voices that ship."""
    return [Route(f"/{EXAMPLES}/{{name}}", _example)]


def _example(request: Request) -> Response:
    path = example_file(request.url.path)
    return FileResponse(path) if path else refused("There is no such example.", 404)


class ApiExamples:
    """ASGI middleware that replaces the code in the description of the API, which Gradio makes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", "")).rstrip("/")
        if scope["type"] != "http" or path != INFO:
            await self.app(scope, receive, send)
            return
        page = f"{get_root_url(Request(scope), INFO, scope.get('root_path'))}/"

        def change(described: bytes) -> bytes:
            return with_examples(described, page, login=scope["app"].auth is not None)

        await self.app(scope, receive, changing(send, wanted=_is_json, change=change))


def with_examples(described: bytes, page: str, *, login: bool) -> bytes:
    """The description of the API, as JSON, with our examples. page: its address, with a slash."""
    info = json.loads(described)
    files = example_files(page)
    for name, about in info.get("named_endpoints", {}).items():
        about.get("code_snippets", {}).update(snippets(name.strip("/"), page, login=login))
        for parameter in about.get("parameters", ()):
            if (address := files.get(parameter["parameter_name"])) is not None:
                parameter["example_input"] = {"path": address, "url": address, "meta": FILE}
    return json.dumps(info).encode()


def _is_json(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return bool(message["status"] == 200 and kind.startswith("application/json"))
