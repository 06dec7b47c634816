"""Added blinks whose rate may change: those of `edits.blink_curve`, drawn one by one."""

from __future__ import annotations

import numpy as np

from engines.joyvasa.motion.edits import (
    BLINK_SECONDS,
    BLINKS_PER_MINUTE,
    SHORTEST_PAUSE,
    lids_after,
)

_SHORTEST = SHORTEST_PAUSE + sum(BLINK_SECONDS)


class DrawnBlinks:
    """Closes the lids at times drawn from the seed; as long as the rate stays, at those of a video."""

    def __init__(self, seed: int) -> None:
        self._draws = np.random.default_rng([seed, 0xB11])
        self._next: float | None = None

    def closed(self, seconds: float, strength: float) -> float:
        """How far lids are closed, 0..1. seconds: since the first frame, growing with each call.

        strength: 0..1, of `BLINKS_PER_MINUTE`; a blink that has begun is completed whatever it is.
        """
        if self._next is None and strength > 0:
            self._next = (seconds if seconds > 1 else 0.0) + self._pause(strength)
        elif self._next is not None and strength <= 0 and seconds < self._next:
            self._next = None
        if self._next is None:
            return 0.0
        lids = float(lids_after(np.array([seconds - self._next]))[0])
        if seconds > self._next + sum(BLINK_SECONDS):
            self._next = self._next + _SHORTEST + self._pause(strength) if strength > 0 else None
        return lids

    def _pause(self, strength: float) -> float:
        average = max(60 / (strength * BLINKS_PER_MINUTE) - _SHORTEST, 0.5)
        return float(self._draws.exponential(average))
