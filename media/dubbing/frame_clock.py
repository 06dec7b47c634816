"""The times of a video's frames as whole ticks that increase, whatever its file says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

COMMON_RATES = (
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)),
    *map(Fraction, (10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120)),
)
"""Rates of cameras and televisions, tried where the file's own words do not fit."""
LARGEST_JUMP = 1
"""Seconds by which a clock may step back; more is a new clock, as where recordings were joined."""


class FrameClock:
    """Gives each frame its tick: 0 for the first, increasing by at least 1.

    A frame without a time comes one frame after the one before it. So does one whose clock jumps back; a
    frame at the time of the one before it, or slightly earlier, comes one tick after that.
    """

    def __init__(self, clock: Fraction, step: int, origin: int | None) -> None:
        """clock: seconds of a tick. step: ticks of one frame. origin: the file's time of the first frame in
        ticks, None if it is not known yet.
        """
        self._clock, self._step, self._origin = clock, step, origin
        self._before: int | None = None
        self._shift = 0
        self.corrected = 0
        """Frames that were moved."""

    def place(self, time: Fraction | None) -> int:
        """The tick of the next frame. time: its time by the file in seconds."""
        tick = None if time is None else round(time / self._clock) + self._shift
        if tick is not None and self._origin is None:
            self._origin = tick
        if self._before is None:
            self._before = 0 if tick is None or self._origin is None else tick - self._origin
            return self._before
        if tick is None or self._origin is None:
            tick = self._before + self._step
            self.corrected += 1
        else:
            tick -= self._origin
            if tick <= self._before:
                self.corrected += 1
                if (self._before - tick) * self._clock > LARGEST_JUMP:
                    self._shift += self._before + self._step - tick
                    tick = self._before + self._step
                else:
                    tick = self._before + 1
        self._before = tick
        return tick


def constant_rate(
    ticks: np.ndarray, clock: Fraction, claimed: tuple[Fraction | None, ...]
) -> Fraction | None:
    """The rate at which all frames come, as an exact fraction; None if it is variable.

    ticks: (n,) int64, increasing. claimed: rates that the file names, likeliest first. A container may round
    times to its clock, so each frame may be off by one tick.
    """
    if len(ticks) < 2:
        return None
    offsets = (ticks - ticks[0]).astype(np.int64)
    mean = Fraction(len(ticks) - 1) / (int(offsets[-1]) * clock)
    numbers = np.arange(len(ticks), dtype=np.int64)
    named = [near for rate in claimed if rate for near in (*_common(rate), rate)]
    for rate in dict.fromkeys((*named, *COMMON_RATES, mean.limit_denominator(1001))):
        if rate <= 0 or abs(rate / mean - 1) > Fraction(1, 4):
            continue
        step = 1 / (rate * clock)  # ticks of a frame
        ideal = (numbers * step.numerator) / step.denominator
        if float(np.abs(offsets - ideal).max()) <= 1.0 and (step > 2 or step.denominator == 1):
            return rate
    return None


def _common(rate: Fraction) -> list[Fraction]:
    """The common rate of which a claimed one is a rounding, as Matroska's nanoseconds are."""
    return [common for common in COMMON_RATES if abs(rate / common - 1) < Fraction(1, 10_000)]
