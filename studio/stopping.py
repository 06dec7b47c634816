"""Tells a job in another thread that its video is no longer wanted.

Closing a generator has to wait for its current step, and the last step of a job signs the video and gives it
its name. So the job checks before it does that.
"""

from __future__ import annotations

import threading
from contextvars import Context, ContextVar, copy_context

from media.errors import Cancelled

_STOP: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


def stoppable() -> tuple[Context, threading.Event]:
    """A copy of the context to run a job in, and an event to set when its video is no longer wanted."""
    context, stop = copy_context(), threading.Event()
    context.run(_STOP.set, stop)
    return context, stop


def check_wanted() -> None:
    """Raise Cancelled if the video of the running job is no longer wanted."""
    stop = _STOP.get()
    if stop is not None and stop.is_set():
        raise Cancelled("The job was stopped.")
