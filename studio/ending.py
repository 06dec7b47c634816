"""Turns the signals that end a program into one KeyboardInterrupt, so that cleaning up happens once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl-C, a service manager or `kill`, and a closed terminal."""
SAME_WISH = 5.0
"""Seconds in which further signals count as the same request. Later ones interrupt again, in case something
hangs.
"""


class Ending:
    """A handler for such signals.

    A second interrupt during cleaning up would stop it, and leave files behind.

    received: the numbers of the received signals. first: called before the interrupt. clock: a monotonic
    clock in seconds.
    """

    def __init__(
        self, first: Callable[[], object] = lambda: None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.received: list[int] = []
        self._first, self._clock = first, clock
        self._interrupted = -SAME_WISH

    def __call__(self, number: int, frame: object) -> None:
        """Raise KeyboardInterrupt, unless it was raised a moment ago."""
        self.received.append(number)
        if len(self.received) > 1 and self._clock() - self._interrupted < SAME_WISH:
            return
        self._interrupted = self._clock()
        self._first()
        raise KeyboardInterrupt
