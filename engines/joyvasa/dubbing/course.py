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
PAUSE = 0.5
"""Seconds of silence from which a pause counts as the end of the voice: the mouth comes to rest, whatever
the motion and the options say.
"""


class LipCourse:
    """The motion of one voice, at any times that do not decrease. It keeps the frames around the last time,
    and for each of the whole voice how far the lips are at rest, which takes 100 bytes a second.
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
        self._pieces, self._duration = pieces, duration
        self._shut = np.maximum(silence_closes_mouth * (1 - activity), at_rest(activity))
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
        shut = float((1 - share) * self._shut[before] + share * self._shut[after])
        outside = max(-time, time - self._duration, 0.0) / EASE
        return SpokenLips(lips, lips - self._first, max(shut, min(outside, 1.0)))

    def _places(self, time: float) -> tuple[int, int, float]:
        """The frames of the motion around a time, and how near it is to the second of them, 0..1."""
        last = len(self._shut) - 1
        place = min(max(time * FPS, 0.0), float(last))
        before = int(place + 1e-6)
        return before, min(before + 1, last), max(place - before, 0.0)


def at_rest(activity: np.ndarray) -> np.ndarray:
    """(n,) float32 in 0..1: 1 in long pauses of a voice, with ramps inside of them, and 0 elsewhere.

    activity: (n,) float32 in 0..1, FPS frames a second, at least one.
    """
    silent = np.concatenate([[False], activity <= 0, [False]])
    begins, ends = np.flatnonzero(np.diff(silent.astype(np.int8))).reshape(-1, 2).T
    rest = np.zeros(len(activity), np.float32)
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        if end - begin < PAUSE * FPS:
            continue
        numbers = np.arange(begin, end)
        # Before and after the voice the lips are at rest anyway, so that its ends need no ramp.
        since = numbers - begin + 1 if begin else np.full(end - begin, np.inf)
        until = end - numbers if end < len(activity) else np.full(end - begin, np.inf)
        rest[begin:end] = np.minimum(np.minimum(since, until) / (EASE * FPS), 1.0)
    return rest
