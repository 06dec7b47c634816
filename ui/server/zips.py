"""The route of zips: several of a visitor's takes in one download."""

from __future__ import annotations

import re
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from media.errors import InputError
from studio.downloads import GONE
from studio.gallery.history import History
from studio.gallery.takes import Take, take_of
from studio.gallery.videos import Gallery
from studio.gallery.visitors import NO_OWNER
from studio.gallery.zipping import MOST, zip_of
from studio.settings import Settings
from studio.video_keys import Keys
from ui.server.addresses import ZIP, ZIPS
from ui.server.sent_pieces import MadeFile, answer

_IDS = re.compile(rf"[0-9a-f]{{16}}(\.[0-9a-f]{{16}}){{0,{MOST - 1}}}")


def zip_routes(settings: Settings) -> list[Route]:
    """The route for GET and HEAD. Takes that are missing, or belong to someone else, are a 404."""
    return [Route(f"/{ZIPS}/{{ids}}/{{key}}/{{name}}", partial(_answer, settings))]


async def _answer(settings: Settings, request: Request) -> Response:
    look = partial(_takes, settings, request.path_params["ids"], request.path_params["key"])

    def find() -> MadeFile:
        takes = look()
        name = f"joystudio-{len(takes)}-takes.zip"
        return MadeFile(name, "application/zip", partial(zip_of, takes, settings))

    return await answer(request, find, look)


def _takes(settings: Settings, ids: str, key: str) -> list[Take]:
    """The takes of an address. Raises InputError for a wrong key, and as soon as one of them is gone."""
    if not _IDS.fullmatch(ids):
        raise InputError(GONE)
    wanted = ids.split(".")
    _, owner = History(settings.history).find(wanted[0]) or (None, NO_OWNER)
    if owner == NO_OWNER or not Keys(settings).fits(key, owner, ids, ZIP):
        raise InputError(GONE)
    return [take_of(Gallery(owner, settings), one) for one in wanted]
