"""How many of an engine's networks have been read, for the reader of the job that waits for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_LISTENER: ContextVar[Callable[[float], None] | None] = ContextVar("loading", default=None)


@contextmanager
def reporting_to(listener: Callable[[float], None]) -> Iterator[None]:
    """Hand the fractions that engines report here to `listener`. What it raises ends the loading."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def loaded(part: int, parts: int) -> None:
    """An engine calls this after each of its `parts` pieces, from `load` and `prepare_for`."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(part / parts)
