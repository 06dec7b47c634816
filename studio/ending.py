"""Turns the signals that end a program into one KeyboardInterrupt, so that everything is tidied up once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl-C, a service manager or `kill`, and a terminal that is closed."""
SAME_WISH = 5.0
"""Seconds in which further signals ask for what is being done already. Later ones interrupt again, in case
something hangs."""


class Ending:
    """A handler for such signals.

    A second one in the middle of tidying up would interrupt that, and leave what the first one meant to
    remove.

    received: the numbers of those that came. first: is called before the interruption. clock: seconds that
    never go back.
    """

    def __init__(
        self, first: Callable[[], object] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.received: list[int] = []
        self._first, self._clock = first, clock
        self._interrupted = -SAME_WISH

    def __call__(self, number: int, frame: object) -> None:
        """Raise KeyboardInterrupt, unless that has just been done."""
        self.received.append(number)
        if len(self.received) > 1 and self._clock() - self._interrupted < SAME_WISH:
            return
        self._interrupted = self._clock()
        self._first()
        raise KeyboardInterrupt
