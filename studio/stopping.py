"""Tells a job in another thread that its video is no longer wanted.

Closing a generator has to wait until the step that it is in has come to its end, and the last step of a job
signs the video and gives it its name. So the job asks before it does that.
"""

from __future__ import annotations

import threading
from contextvars import Context, ContextVar, copy_context

from media.errors import Cancelled

_STOP: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


def stoppable() -> tuple[Context, threading.Event]:
    """A copy of the context to run a job in, and what is set when its video is wanted no more."""
    context, stop = copy_context(), threading.Event()
    context.run(_STOP.set, stop)
    return context, stop


def check_wanted() -> None:
    """Raises Cancelled where the video of the job that runs here is wanted no more."""
    stop = _STOP.get()
    if stop is not None and stop.is_set():
        raise Cancelled("The job was stopped.")
