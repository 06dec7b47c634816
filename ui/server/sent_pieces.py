"""A response made of pieces that ends early when a video in it may no longer be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from media.errors import InputError, OutputError
from ui.server.videos import SECONDS_BETWEEN_LOOKS


class _Gone(Exception):
    """A video was deleted while it was sent."""


def checked_pieces(
    make: Callable[[Callable[[], None]], Iterator[bytes]], look: Callable[[], object]
) -> Iterator[bytes]:
    """The pieces that `make` yields, which calls its argument before each.

    look: asks the history whether they may be sent, which happens every few seconds.
    """
    looked = time.monotonic()

    def sometimes() -> None:
        nonlocal looked
        if time.monotonic() - looked >= SECONDS_BETWEEN_LOOKS:
            looked = time.monotonic()
            look()

    try:
        yield from make(sometimes)
    except (InputError, OutputError) as error:
        raise _Gone from error


class SentPieces(StreamingResponse):
    """Sends such pieces; if one may not be sent, the connection ends before the file does."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except _Gone:
            return  # the server closes a connection with an incomplete response
