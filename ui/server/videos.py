"""The routes of visitors' files: finished videos, comparisons, and shared videos.

Nothing is copied: the file in the outputs is sent as it is, whole or in ranges. Every request checks with the
history whether it may be seen, and again every few seconds while a file is sent, so that deleted, revoked or
expired files are gone at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from media.errors import InputError, OutputError
from studio.comparison.folders import TYPES, find_comparison
from studio.downloads import GONE, KINDS, Download, DownloadKind, download_of
from studio.events import Result
from studio.gallery.exports import TYPES as EXPORT_TYPES
from studio.gallery.exports import find_export
from studio.gallery.history import History
from studio.gallery.sharing import shared
from studio.gallery.spoken_texts import spoken_text_of
from studio.gallery.tracks import NAME as TRACK_NAME
from studio.gallery.tracks import TYPE as TRACK_TYPE
from studio.gallery.tracks import track_text
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings
from studio.video_keys import Keys
from ui.server.addresses import COMPARISON, COMPARISONS, EXPORT, EXPORTS, SHARED, TRACK, VIDEOS

HEADERS = {"Cache-Control": "private, no-store"}
"""Of every response; `ui.server.response_headers` adds the others, which stop a page's scripts."""
LINKED: tuple[DownloadKind, ...] = ("video", "poster")
"""What a link shows besides subtitles; a video's other files are for its maker."""
SECONDS_BETWEEN_LOOKS = 2.0
"""How often the history is checked again while a file is being sent."""
BUSY = "The videos cannot be reached just now. Try again later."

Look = Callable[[Settings, dict[str, str]], Download]


def video_routes(settings: Settings) -> list[Route]:
    """Routes for GET and HEAD. A missing file, or one that belongs to someone else, is a 404 with a sentence.

    If the page requires a password, `ui.server.login_gate` lets only links pass without one.

    The last part of an address is only the name under which programs save the file.
    """
    answer = partial(_answer, settings)
    return [
        Route(f"/{VIDEOS}/{{job_id}}/{{kind}}/{{key}}/{{name}}", partial(answer, _video)),
        Route(f"/{EXPORTS}/{{job_id}}/{{key}}/{{name}}", partial(answer, _export)),
        Route(f"/{COMPARISONS}/{{job_id}}/{{key}}/{{name}}", partial(answer, _comparison)),
        Route(f"/{SHARED}/{{token}}/{{kind}}/{{name}}", partial(answer, _shared)),
    ]


async def _answer(settings: Settings, look: Look, request: Request) -> Response:
    try:
        part = await run_in_threadpool(look, settings, dict(request.path_params))
    except InputError as error:
        return PlainTextResponse(str(error), 404, headers=HEADERS)
    except OutputError:
        return PlainTextResponse(BUSY, 503, headers=HEADERS)
    kind = "inline" if part.inline else "attachment"
    if isinstance(part.content, bytes):
        disposition = {"Content-Disposition": f'{kind}; filename="{part.name}"'}
        return Response(part.content, media_type=part.media_type, headers=HEADERS | disposition)
    return _SentFile(
        partial(look, settings, dict(request.path_params)),
        part.content,
        media_type=part.media_type,
        filename=part.name,
        content_disposition_type=kind,
        headers=HEADERS,
    )


def _video(settings: Settings, given: dict[str, str]) -> Download:
    """A file of a finished video that has an owner. Raises InputError."""
    found = History(settings.history).find(given["job_id"])
    entry, owner = found or (None, NO_OWNER)
    fits = Keys(settings).fits(given["key"], owner, given["job_id"], given["kind"])
    if entry is not None and owner != NO_OWNER and fits and given["kind"] == TRACK:
        return _track(entry.result)
    for kind in KINDS:
        if entry is not None and owner != NO_OWNER and fits and given["kind"] == kind:
            spoken = spoken_text_of(given["job_id"], settings) if kind == "settings" else None
            return download_of(entry.result, kind, spoken=spoken)
    raise InputError(GONE)


def _export(settings: Settings, given: dict[str, str]) -> Download:
    """An export of a finished video that has an owner. Raises InputError."""
    entry, owner = History(settings.history).find(given["job_id"]) or (None, NO_OWNER)
    if entry is None or owner == NO_OWNER:
        raise InputError(GONE)
    if not Keys(settings).fits(given["key"], owner, given["job_id"], EXPORT):
        raise InputError(GONE)
    path = find_export(entry.result.path, given["name"])
    return Download(path.name, EXPORT_TYPES[path.suffix], path)


def _comparison(settings: Settings, given: dict[str, str]) -> Download:
    """A file of a comparison. Raises InputError."""
    made = find_comparison(given["job_id"], settings)
    if made is None or not Keys(settings).fits(given["key"], made.owner, made.id, COMPARISON):
        raise InputError(GONE)
    path = made.file(given["name"])
    return Download(path.name, TYPES[path.suffix], path, inline=path.suffix == ".mp4")


def _shared(settings: Settings, given: dict[str, str]) -> Download:
    """A file of a link's video. Raises InputError."""
    result = shared(given["token"], settings).result
    if given["kind"] == TRACK:
        return _track(result)
    for kind in LINKED:
        if given["kind"] == kind:
            return download_of(result, kind, named=False)
    raise InputError(GONE)


def _track(result: Result) -> Download:
    """The subtitles of a video. Raises InputError if it has none."""
    text = track_text(result.path)
    if text is None:
        raise InputError(GONE)
    return Download(TRACK_NAME, TRACK_TYPE, text.encode(), inline=True)


class _Gone(Exception):
    """The file may no longer be shown."""


class _SentFile(FileResponse):
    """A file that may be deleted or revoked before its first byte, which gives a 404, or while it is sent.

    In that case, the connection ends before the file does: a client could otherwise continue to download for
    hours.
    """

    def __init__(self, look: Callable[[], Download], *args: Any, **options: Any) -> None:
        """look: raises InputError once the file may no longer be shown."""
        super().__init__(*args, **options)
        self._look = look

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, looked = False, time.monotonic()

        async def note(message: Message) -> None:
            nonlocal begun, looked
            if begun and time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
                looked = time.monotonic()
                try:
                    await run_in_threadpool(self._look)
                except InputError:
                    raise _Gone from None
                except OutputError:  # the history is busy
                    pass
            begun = True
            await send(message)

        try:
            await super().__call__(scope, receive, note)
        except _Gone:
            return  # the server closes a connection with an incomplete response
        except (FileNotFoundError, RuntimeError):  # Starlette's error for a missing file
            if begun:
                raise
            await PlainTextResponse(GONE, 404, headers=HEADERS)(scope, receive, send)
