"""Decides when the eyes close, and how.

People blink 10 to 20 times a minute at rest and more in conversation (Bentivoglio and others 1997: 17 and
26 on average), at irregular intervals, and preferably where a phrase ends (Nakano and others 2009: blinks
gather at implicit breaks). The lid falls faster than it rises (Evinger and others 1991).
"""

from __future__ import annotations

import numpy as np

MEAN_INTERVAL = 4.0  # seconds: 15 a minute at rate 1
REFRACTORY = 0.55  # seconds after a blink in which no other is born; doubles are born with the first
FIRST_BLINK = (0.85, 2.4)  # seconds in which the first one starts: a clip of three seconds gets one
_DOUBLES = 0.07  # share of blinks that come in pairs


class _Blink:
    """One closing and opening around a frame at which the lids are shut."""

    def __init__(self, peak: int, rng: np.random.Generator, dt: float) -> None:
        self._dt = dt
        self.peak = peak
        self._close, self._hold, self._open = rng.uniform([0.045, 0.016, 0.07], [0.06, 0.024, 0.1])
        self._lag = rng.uniform(-0.004, 0.004)  # seconds by which the right lid differs from the left

    def over(self, frame: int) -> bool:
        return (frame - self.peak) * self._dt > self._open + 0.03

    def closure(self, frame: int) -> np.ndarray:
        """(2,) left and right, 0 open .. 1 closed."""
        t = (frame - self.peak) * self._dt + np.array([0.0, self._lag])
        falling = 1 - (-t - self._hold / 2) / self._close
        rising = 1 - (t - self._hold / 2) / self._open
        x = np.clip(np.where(t < 0, falling, rising), 0, 1)
        return x * x * (3 - 2 * x)


class Blinker:
    """Decides on blinks and draws them, one frame after the other.

    An urge grows with time, quickly where speech pauses; a blink is born when it passes a threshold drawn
    from a gamma distribution, so that intervals are irregular but seldom very short or very long.
    """

    def __init__(self, fps: int, rng: np.random.Generator, rate: float = 1.0) -> None:
        self._dt = 1.0 / fps
        self._rng = rng
        self._rate = rate
        self._frame = 0
        self._urge = 0.0
        self._rest_until = 0.0
        self._threshold = 1.0
        first = rng.uniform(*FIRST_BLINK)
        self._first_at = first if rate >= 0.6 else first + MEAN_INTERVAL * (1 / max(rate, 1e-6) - 1 / 0.6)
        self._waiting_for_first = True
        self._blinks: list[_Blink] = []

    def change(self, rate: float) -> None:
        """Use another rate from the next frame on. rate: blinks relative to 15 a minute."""
        if rate == self._rate:
            return
        self._rate = rate
        if self._waiting_for_first:
            # The first one was planned for another rate; what was waited for it counts as urge.
            self._waiting_for_first = False
            self._urge = min(self._frame * self._dt / self._first_at, 1.0) * self._threshold

    def step(self, temptation: float) -> np.ndarray:
        """Closure of the left and right eye on the next frame: (2,), 0 open .. 1 closed.

        temptation: how much more likely than usual a blink is now; 1 in running speech, higher in pauses.
        """
        now = self._frame * self._dt
        if self._rate > 0 and self._due(now, temptation):
            self._bear(now)
        self._blinks = [blink for blink in self._blinks if not blink.over(self._frame)]
        result = np.zeros(2)
        for blink in self._blinks:
            result = np.maximum(result, blink.closure(self._frame))
        self._frame += 1
        return result

    def _due(self, now: float, temptation: float) -> bool:
        if self._waiting_for_first:
            # A pause brings the first blink forward, within its bounds.
            hurry = 0.03 * max(temptation - 2.0, 0.0)
            self._first_at -= min(hurry, max(self._first_at - max(now, FIRST_BLINK[0]), 0.0))
            return now >= self._first_at
        if now < self._rest_until:
            return False
        self._urge += self._dt * temptation * self._rate / MEAN_INTERVAL
        return self._urge >= self._threshold

    def _bear(self, now: float) -> None:
        # Shut on a frame exactly, or a slow frame rate would step over the moment.
        peak = self._frame + int(np.ceil(0.06 / self._dt))
        self._blinks.append(_Blink(peak, self._rng, self._dt))
        self._rest_until = now + REFRACTORY
        if self._rng.random() < _DOUBLES:
            gap = self._rng.uniform(0.28, 0.4)
            self._blinks.append(_Blink(peak + int(np.ceil(gap / self._dt)), self._rng, self._dt))
            self._rest_until += gap
        self._waiting_for_first = False
        self._urge = 0.0
        # The refractory time is part of the mean interval.
        self._threshold = float(self._rng.gamma(2.5, (1 - REFRACTORY / MEAN_INTERVAL) / 2.5))
