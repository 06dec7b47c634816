"""The route of HTML files with a finished video inside, which are made while they are sent."""

from __future__ import annotations

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from media.errors import InputError, OutputError
from studio.downloads import GONE
from studio.gallery.history import History
from studio.gallery.video_page import TYPE, VideoPage, video_page
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings
from studio.video_keys import Keys
from ui.server.addresses import PAGE_FILE, PAGES
from ui.server.sent_pieces import SentPieces, checked_pieces
from ui.server.videos import BUSY, HEADERS


def page_routes(settings: Settings) -> list[Route]:
    """The route for GET and HEAD. A video that is missing, or belongs to someone else, is a 404."""
    return [Route(f"/{PAGES}/{{job_id}}/{{key}}/{{name}}", partial(_answer, settings))]


async def _answer(settings: Settings, request: Request) -> Response:
    look = partial(_page, settings, request.path_params["job_id"], request.path_params["key"])
    try:
        page = await run_in_threadpool(look)
    except InputError as error:
        return PlainTextResponse(str(error), 404, headers=HEADERS)
    except OutputError:
        return PlainTextResponse(BUSY, 503, headers=HEADERS)
    headers = HEADERS | {
        "Content-Disposition": f'attachment; filename="{page.name}"',
        "Content-Length": str(page.size),
    }
    if request.method == "HEAD":
        return Response(media_type=TYPE, headers=headers)
    return SentPieces(checked_pieces(page.pieces, look), media_type=TYPE, headers=headers)


def _page(settings: Settings, job_id: str, key: str) -> VideoPage:
    """The file of an address. Raises InputError for a wrong key and for a video that is gone."""
    entry, owner = History(settings.history).find(job_id) or (None, NO_OWNER)
    if entry is None or owner == NO_OWNER or not Keys(settings).fits(key, owner, job_id, PAGE_FILE):
        raise InputError(GONE)
    return video_page(entry.result)
