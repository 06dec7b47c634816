"""Times of frames in recordings: timecodes whose frames count at an unwritten rate, or seconds."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import pairwise

import numpy as np

from media.documents.quoting import quoted
from media.errors import DocumentError
from media.performance.rates import NTSC

USUAL = (12, 15, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240)
ASSUMED = 60
"""The rate of a timecode that does not last until its second changes: the app's usual one."""
_TIMECODE = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2})([:;])(\d{1,3}(?:\.\d{1,6})?)")
_CLOCK = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2}(?:\.\d{1,30})?)")
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,30})?(?:e-?\d{1,2})?", re.IGNORECASE)
_DAY = 86_400


class Timecodes:
    """Collects the times of a file, row by row."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._frames: list[float] = []
        self._drops = False
        self.counted = False
        """Whether they are timecodes with frames."""

    def add(self, text: str, line: int) -> None:
        """Add one. Raises DocumentError for what is not a time."""
        text = text.strip()
        frame = 0.0
        if found := _TIMECODE.fullmatch(text):
            self.counted, frame = True, float(found[5])
            self._drops |= found[4] == ";"
            whole: float = 3600 * int(found[1]) + 60 * int(found[2]) + int(found[3])
        elif found := _CLOCK.fullmatch(text):
            whole = 3600 * int(found[1]) + 60 * int(found[2]) + float(found[3])
        elif _SECONDS.fullmatch(text):
            whole = float(text)
        else:
            raise DocumentError(
                'line {line} has the time "{text}"; write it as 00:00:01:15.000 or in seconds',
                line=line,
                text=quoted(text, 30),
            )
        if self._seconds and whole < self._seconds[-1] - _DAY / 2:
            whole += _DAY  # a recording over midnight
        self._seconds.append(whole)
        self._frames.append(frame)

    def rate(self) -> tuple[Fraction, bool]:
        """The rate at which the frames count, and whether it is seen in them or only assumed."""
        wraps = [before for before, after in pairwise(self._frames) if after < before]
        if not wraps:
            return Fraction(ASSUMED), False
        steps = [after - before for before, after in pairwise(self._frames) if after > before]
        step = float(np.median(steps)) if steps else 1.0
        highest = max(self._frames)
        if max(wraps) - min(wraps) < 1e-6 and len(wraps) > 1:
            return Fraction(max(1, round(highest + step))), True
        return Fraction(next((rate for rate in USUAL if rate > highest), ASSUMED)), True

    def check(self, rate: Fraction) -> None:
        """Raise DocumentError if the frames cannot have been counted at a rate that is given."""
        if not self.counted:
            return
        nominal = math.ceil(rate)
        counted, seen = self.rate()
        wraps = [before for before, after in pairwise(self._frames) if after < before]
        steady = seen and len(wraps) > 1 and max(wraps) - min(wraps) < 1e-6
        if max(self._frames) >= nominal or (steady and counted != nominal):
            raise DocumentError(
                "the timecodes count {counted} frames per second, and the given rate is {given:.6g}; leave "
                "the rate out",
                counted=round(counted) if seen else math.floor(max(self._frames)) + 1,
                given=float(rate),
            )

    def times(self, rate: Fraction) -> np.ndarray:
        """(n,) float64 seconds. rate: of the timecodes' frames.

        At a rate of television such as 30000/1001, a timecode's second counts 30 frames and lasts longer than
        a second; timecodes with a semicolon leave out two frame numbers in all minutes but each tenth.
        """
        seconds, frames = np.array(self._seconds), np.array(self._frames)
        nominal = math.ceil(rate)
        if not self.counted or rate not in NTSC.values():
            return seconds + frames / float(rate)
        if self._drops and nominal in (30, 60):
            minutes = seconds // 60
            frames = frames - nominal // 15 * (minutes - minutes // 10)
        return (seconds * nominal + frames) / float(rate)


def row_times(count: int, rate: Fraction) -> np.ndarray:
    """The times of frames that only have their order."""
    return np.arange(count) / float(rate)


def in_radians(angles: np.ndarray, unit: str) -> tuple[np.ndarray, bool]:
    """Angles as radians, and whether they were taken for degrees.

    angles: (n, 9) as the file has them, NaN where it has none. unit: "rad", "deg", or "auto", which takes
    them for degrees if one in a hundred is beyond 1.6, since heads and eyes do not turn by 90 degrees.
    """
    known = np.abs(angles[~np.isnan(angles)])
    degrees = unit == "deg" or (unit == "auto" and len(known) > 0 and float(np.percentile(known, 99)) > 1.6)
    return (np.radians(angles) if degrees else angles), degrees
