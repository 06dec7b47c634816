"""Notices every piece that arrives from a Hub, however small.

Its client reports its progress in pieces of 10 MB, so that a slow line would look like one on which nothing
comes any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from httpx2 import Response, SyncByteStream

_LISTENER: ContextVar[Callable[[], None] | None] = ContextVar("listener", default=None)


@contextmanager
def on_each_piece(listener: Callable[[], None]) -> Iterator[None]:
    """Call `listener` at each piece that this thread receives for the length of a `with` block."""
    from huggingface_hub import get_session

    hooks = get_session().event_hooks
    if _listen not in hooks["response"]:
        get_session().event_hooks = {**hooks, "response": [*hooks["response"], _listen]}
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def _listen(response: Response) -> None:
    from httpx2 import SyncByteStream

    listener, body = _LISTENER.get(), response.stream
    if listener is not None and isinstance(body, SyncByteStream):
        response.stream = _heard_body(body, listener)


def _heard_body(body: SyncByteStream, listener: Callable[[], None]) -> SyncByteStream:
    from httpx2 import SyncByteStream

    class Heard(SyncByteStream):
        """The same body, which tells of every piece."""

        def __iter__(self) -> Iterator[bytes]:
            for piece in body:
                listener()
                yield piece

        def close(self) -> None:
            body.close()

    return Heard()
