"""Estimates how much longer a job takes from its speed so far."""

from __future__ import annotations

import time
from collections.abc import Callable


class TimeLeft:
    """The time left, from the work between the first report and the last.

    Everything before the first report is ignored: loading and reading say nothing about the rest.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: tuple[float, float] | None = None
        self._fraction = 0.0

    def at(self, fraction: float) -> tuple[float, float | None]:
        """The fraction, never less than before, and the seconds left; None until two reports differ."""
        now = self._clock()
        self._fraction = min(1.0, max(self._fraction, fraction))
        if self._began is None:
            self._began = (now, self._fraction)
        since, start = self._began
        if self._fraction <= start:
            return self._fraction, None
        return self._fraction, (now - since) / (self._fraction - start) * (1.0 - self._fraction)
