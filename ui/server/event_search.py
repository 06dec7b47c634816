"""Serves one script of Gradio's with a faster search for the events of each component.

When a page opens, Gradio's script goes through the targets of all events for each component. On our page,
with 600 components and 330 events, this is a third of the browser's work until the page can be used. The
changed script goes through them once. It is one of the startup shortcuts and has their switch; a script that
reads differently, as of a new Gradio, is served unchanged.
"""

from __future__ import annotations

from email.utils import formatdate
from hashlib import sha256
from pathlib import Path

from gradio.route_utils import BUILD_PATH_LIB
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.startup_shortcuts import shortcuts

ASSETS = Path(BUILD_PATH_LIB)
SCRIPTS = "core-*.js"
BEFORE = "postprocess(e){this.root="
SEARCH = "this.find_attached_events(e,this.#n)"
"""Gives a component the names of its events: of each dependency, that of the first target that is its."""
NOTE = (
    "let joystudio_events=new Map;"
    "for(let{targets:t}of this.#n){"
    "let n=new Set;"
    "for(let[e,r]of t)n.has(e)||(n.add(e),"
    "r&&(joystudio_events.has(e)?joystudio_events.get(e).push(r):joystudio_events.set(e,[r])))}"
)
NOTED = "(e.props.shared_props.attached_events=joystudio_events.get(e.id)??[],e)"


def event_search_routes(assets: Path = ASSETS) -> list[Route]:
    """The route of the changed script; none with the shortcuts off, or without a script that we know.

    assets: the folder of Gradio's scripts.
    """
    if not shortcuts():
        return []
    for path in assets.glob(SCRIPTS):
        if (text := with_noted_events(path.read_text(encoding="utf-8"))) is not None:
            return [Route(f"/assets/{path.name}", _Script(text, path.stat().st_mtime).answer)]
    return []


def with_noted_events(script: str) -> str | None:
    """Gradio's script with the faster search, or None if it is not the one that we know."""
    if script.count(BEFORE) != 1 or script.count(SEARCH) != 1:
        return None
    name, _, body = BEFORE.partition("{")
    return script.replace(BEFORE, f"{name}{{{NOTE}{body}").replace(SEARCH, NOTED)


class _Script:
    """Answers with a script, and lets browsers keep it as long as they keep Gradio's own."""

    def __init__(self, text: str, modified: float) -> None:
        self._body = text.encode()
        self._headers = {
            "Last-Modified": formatdate(modified, usegmt=True),
            "ETag": f'"{sha256(self._body).hexdigest()[:32]}"',
        }

    async def answer(self, request: Request) -> Response:
        return Response(self._body, headers=self._headers, media_type="text/javascript")
