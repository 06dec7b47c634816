"""The route of HTML files with a finished video inside, which are made while they are sent."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.errors import InputError
from studio.downloads import GONE
from studio.events import Result
from studio.gallery.history import History
from studio.gallery.video_page import TYPE, video_page
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings
from studio.video_keys import Keys
from ui.server.addresses import PAGE_FILE, PAGES
from ui.server.sent_pieces import MadeFile, answer


def page_routes(settings: Settings) -> list[Route]:
    """The route for GET and HEAD. A video that is missing, or belongs to someone else, is a 404."""
    return [Route(f"/{PAGES}/{{job_id}}/{{key}}/{{name}}", partial(_answer, settings))]


async def _answer(settings: Settings, request: Request) -> Response:
    look = partial(_result, settings, request.path_params["job_id"], request.path_params["key"])

    def find() -> MadeFile:
        page = video_page(look())
        return MadeFile(page.name, TYPE, page.pieces, page.size)

    return await answer(request, find, look)


def _result(settings: Settings, job_id: str, key: str) -> Result:
    """The video of an address. Raises InputError for a wrong key and for a video that is gone."""
    entry, owner = History(settings.history).find(job_id) or (None, NO_OWNER)
    if entry is None or owner == NO_OWNER or not Keys(settings).fits(key, owner, job_id, PAGE_FILE):
        raise InputError(GONE)
    return entry.result
