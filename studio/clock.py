"""Decides when something has expired and may be deleted, so that a wrong clock costs nothing.

A machine's clock can be hours or years ahead for a while: set by hand, or by an empty battery. The rule of
this program is therefore:

- Something whose time is over is not shown any more. `is_over` is asked at every request and changes nothing:
  once the clock is right again, what was over is not.
- Something whose time is over is deleted only when a `SureClock` agrees, which a process that runs for long
  asks now and then. A clock that jumps ahead is believed only after it has gone on from there, without being
  put back, for a margin. So a deletion may come up to a margin late, and commands that end soon delete
  nothing for its age.
- Something that was made while the clock was ahead seems to come from the future, and would outlive its time.
  `brought_back` gives it the longest time that is allowed from now on.

Times are seconds since 1970, as of `time.time()`.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

MARGIN = 3600.0
"""Seconds for which a clock has to go on without being put back until a deletion relies on it."""


def is_over(deadline: float, now: float | None = None) -> bool:
    """Whether something that ends at `deadline` may no longer be shown. now: None for the machine's clock."""
    return (time.time() if now is None else now) >= deadline


def brought_back(deadline: float, longest: float, now: float | None = None) -> float:
    """The deadline, or `longest` seconds from now, which is as far ahead as that of anything made by now."""
    return min(deadline, (time.time() if now is None else now) + longest)


class SureClock:
    """A time that has surely come, for deciding what is deleted. Safe to use from several threads.

    One belongs to a process that runs for long, which asks it now and then: at least every few margins.
    """

    def __init__(
        self,
        margin: float = MARGIN,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """margin: seconds; shorter only for what is kept for less than an hour.

        wall, steady: the clock that can be set, and one that cannot; seconds.
        """
        self._margin, self._wall, self._steady = margin, wall, steady
        self._seen: deque[tuple[float, float]] = deque()
        self._lock = threading.Lock()
        self._look()

    def now(self) -> float | None:
        """The latest time of which it is sure that it has come; None as long as it has not watched a margin.

        At every moment it is the earliest of what the clock has said within the margin, each carried on by
        the steady clock. A clock that is right is believed as it is once the margin is over.
        """
        steady, earliest = self._look()
        return None if earliest is None else steady + earliest

    def surely_over(self, deadline: float) -> bool:
        """Whether what ends at `deadline` may be deleted."""
        now = self.now()
        return now is not None and now >= deadline

    def _look(self) -> tuple[float, float | None]:
        """Note what both clocks say; gives the steady one's time and the smallest lead of the other.

        The lead is None before there is a note that is as old as the margin.
        """
        with self._lock:
            steady = self._steady()
            self._seen.append((steady, self._wall() - steady))
            begin = steady - self._margin
            while len(self._seen) > 1 and self._seen[1][0] <= begin:
                self._seen.popleft()  # the first one that is left tells of the whole time up to the second
            if self._seen[0][0] > begin:
                return steady, None
            return steady, min(lead for _, lead in self._seen)
