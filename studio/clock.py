"""Decides when something has expired and may be deleted, so that a wrong clock costs nothing.

A machine's clock can be hours or years ahead for a while: set by hand, or because of an empty battery. The
rules of this program are therefore:

- Expired things are no longer shown. `is_over` is checked at every request and changes nothing: once the
  clock is right again, what had expired is shown again.
- Expired things are deleted only when a `SureClock` agrees, which a long-running process asks regularly. It
  trusts a clock that jumped ahead only after that clock has run on for a margin without being set back. So a
  deletion may come up to a margin late, and short commands delete nothing because of its age.
- Something that was made while the clock was ahead seems to come from the future, and would stay too long.
  `brought_back` gives it the longest allowed time from now on.

Times are seconds since 1970, as of `time.time()`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

MARGIN = 3600.0
"""Seconds that a clock has to run without being set back before a deletion relies on it."""


def is_over(deadline: float, now: float | None = None) -> bool:
    """Whether something that expires at `deadline` may no longer be shown. now: by default, the
    clock's time.
    """
    return (time.time() if now is None else now) >= deadline


def brought_back(deadline: float, longest: float, now: float | None = None) -> float:
    """The deadline, but at most `longest` seconds from now: anything made by now expires by then."""
    return min(deadline, (time.time() if now is None else now) + longest)


class SureClock:
    """A time that has certainly come, for deciding what to delete. Safe to use from several threads.

    It belongs to a long-running process, which asks it regularly: at least every few margins.
    """

    def __init__(
        self,
        margin: float = MARGIN,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """margin: seconds; shorter only for things that are kept for less than an hour.

        wall, steady: the clock that can be set, and a monotonic one; seconds.
        """
        self._margin, self._wall, self._steady = margin, wall, steady
        self._seen: deque[tuple[float, float]] = deque()
        self._lock = threading.Lock()
        self._look()

    def now(self) -> float | None:
        """The latest time that has certainly come; None until the clock has been watched for a margin.

        It is the earliest of the wall clock's readings within the margin, each advanced by the steady clock.
        A correct clock is trusted as it is once the margin is over.
        """
        steady, earliest = self._look()
        return None if earliest is None else steady + earliest

    def surely_over(self, deadline: float) -> bool:
        """Whether something that expires at `deadline` may be deleted."""
        now = self.now()
        return now is not None and now >= deadline

    def _look(self) -> tuple[float, float | None]:
        """Record both clocks. Returns the steady clock's time and the smallest lead of the wall clock over
        it.

        The lead is None until there is a record as old as the margin.
        """
        with self._lock:
            steady = self._steady()
            self._seen.append((steady, self._wall() - steady))
            begin = steady - self._margin
            while len(self._seen) > 1 and self._seen[1][0] <= begin:
                self._seen.popleft()  # the first that is left covers the whole time up to the second
            if self._seen[0][0] > begin:
                return steady, None
            return steady, min(lead for _, lead in self._seen)
