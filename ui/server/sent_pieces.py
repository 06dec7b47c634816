"""Files that are made while they are sent, and end early when a video in them may no longer be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from media.errors import InputError, OutputError
from ui.server.videos import BUSY, HEADERS, SECONDS_BETWEEN_LOOKS


@dataclass(frozen=True)
class MadeFile:
    """pieces: yields the file, and calls its argument before each piece. size: in bytes, if it is known."""

    name: str
    media_type: str
    pieces: Callable[[Callable[[], None]], Iterator[bytes]]
    size: int | None = None


async def answer(request: Request, find: Callable[[], MadeFile], look: Callable[[], object]) -> Response:
    """The response to GET or HEAD.

    find: gives the file. look: asks the history whether it may be sent, which happens every few seconds. Both
    raise InputError, for a 404, if it may not, and OutputError if the history is busy.
    """
    try:
        made = await run_in_threadpool(find)
    except InputError as error:
        return PlainTextResponse(str(error), 404, headers=HEADERS)
    except OutputError:
        return PlainTextResponse(BUSY, 503, headers=HEADERS)
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{made.name}"'}
    if made.size is not None:
        headers |= {"Content-Length": str(made.size)}
    if request.method == "HEAD":
        return Response(media_type=made.media_type, headers=headers)
    return _SentPieces(_checked(made, look), media_type=made.media_type, headers=headers)


class _VideoDeleted(Exception):
    """A video was deleted while it was sent."""


def _checked(made: MadeFile, look: Callable[[], object]) -> Iterator[bytes]:
    looked = time.monotonic()

    def sometimes() -> None:
        nonlocal looked
        if time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
            looked = time.monotonic()
            look()

    try:
        yield from made.pieces(sometimes)
    except (InputError, OutputError) as error:
        raise _VideoDeleted from error


class _SentPieces(StreamingResponse):
    """Sends such pieces; if one may not be sent, the connection ends before the file does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except _VideoDeleted:
            return  # the server closes a connection with an incomplete response
