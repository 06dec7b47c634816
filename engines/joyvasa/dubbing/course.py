"""The lips of a voice at the times at which the frames of a video show."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engines.base import Step
from engines.joyvasa.dubbing.lips import LIPS, SpokenLips
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.windows import FPS

EASE = 0.16
"""Seconds in which lips come to rest after the end of the voice, and leave it before its beginning."""


class LipCourse:
    """The motion of one voice, at any times that do not decrease. It keeps the frames around the last time,
    and the activity of the whole voice, which takes 100 bytes a second.
    """

    def __init__(
        self,
        pieces: Iterator[HeadMotion | Step],
        activity: np.ndarray,
        duration: float,
        silence_closes_mouth: float,
    ) -> None:
        """pieces: the motion, FPS frames a second. activity: (n,) float32 in 0..1 of as many frames.
        duration: of the voice in seconds. silence_closes_mouth: as the option.
        """
        self._pieces, self._activity, self._duration = pieces, activity, duration
        self._closes = silence_closes_mouth
        self._first: np.ndarray | None = None
        self._rows = np.zeros((0, len(LIPS), 3), np.float32)
        self._begin = 0

    def share(self, time: float) -> float:
        """How much of the voice is over, 0..1."""
        return min(max(time / self._duration, 0.0), 1.0)

    def reach(self, time: float) -> Iterator[Step]:
        """Sample motion until that of a time is there."""
        needed = self._places(time)[1]
        while self._begin + len(self._rows) <= needed:
            piece = next(self._pieces)
            if isinstance(piece, Step):
                yield piece
                continue
            rows = piece.exp[:, LIPS]
            self._first = rows[0].copy() if self._first is None else self._first
            self._rows = np.concatenate([self._rows, rows])

    def at(self, time: float) -> SpokenLips:
        """The lips at a time that was reached, with straight lines between the frames of the motion."""
        before, after, share = self._places(time)
        self._rows, self._begin = self._rows[before - self._begin :], before
        one, other = self._rows[0], self._rows[after - before]
        lips = one + np.float32(share) * (other - one)
        active = (1 - share) * self._activity[before] + share * self._activity[after]
        outside = max(-time, time - self._duration, 0.0) / EASE
        shut = max(self._closes * (1 - float(active)), min(outside, 1.0))
        return SpokenLips(lips, lips - self._first, shut)

    def _places(self, time: float) -> tuple[int, int, float]:
        """The frames of the motion around a time, and how near it is to the second of them, 0..1."""
        last = len(self._activity) - 1
        place = min(max(time * FPS, 0.0), float(last))
        before = int(place + 1e-6)
        return before, min(before + 1, last), max(place - before, 0.0)
