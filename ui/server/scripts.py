"""The scripts that the page loads by an address, because a browser takes audio worklets in no other way."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ui.server.addresses import SCRIPTS
from ui.server.refusals import refused
from ui.theme import ASSETS

LOADED = frozenset({"live_microphone.js"})


def script_routes() -> list[Route]:
    """The route of these scripts."""
    return [Route(f"/{SCRIPTS}/{{name}}", _script)]


def _script(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in LOADED:
        return refused("There is no such script.", 404)
    return FileResponse(ASSETS / name, media_type="text/javascript")
