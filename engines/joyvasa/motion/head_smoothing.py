"""Smooths the head's motion while it is generated; the expression is unchanged.

Both filters take and yield stretches of motion and keep only the frames that they still need. Other items
among the stretches, such as progress reports, pass through at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

import numpy as np

from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.windows import FPS

HEAD = slice(63, 70)
"""Scale, t, pitch, yaw and roll in a motion vector."""
REACH = 3.0
"""Standard deviations after which the Gaussian is cut off."""
FREEZING_ALPHA = 0.01
"""The original's smoothing of the head."""

Other = TypeVar("Other")


class HeadSmoothing(Protocol):
    """A filter of stretches."""

    def apply(self, stretches: Iterator[HeadMotion | Other]) -> Iterator[HeadMotion | Other]:
        """The same number of frames in total, in stretches of at least one."""


def head_smoothing(seconds: float, *, freeze: bool = False) -> HeadSmoothing | None:
    """The filter for a standard deviation in seconds, None for 0; with `freeze`, the original's filter."""
    if freeze:
        return ExponentialSmoothing(FREEZING_ALPHA)
    return GaussianSmoothing(seconds) if seconds > 0 else None


class ExponentialSmoothing:
    """Exponential smoothing from the first frame on: new = alpha * x + (1 - alpha) * old.

    The original's alpha of 0.01 has a time constant of four seconds: the head almost freezes, and lags.
    """

    def __init__(self, alpha: float = 0.01) -> None:
        if not 0 < alpha <= 1:
            raise ValueError(f"alpha must lie in 0..1 (above 0), not {alpha}")
        self.alpha = alpha

    def apply(self, stretches: Iterator[HeadMotion | Other]) -> Iterator[HeadMotion | Other]:
        """Smooth frame by frame in float32, without delay in delivery."""
        state: np.ndarray | None = None
        for motion in stretches:
            if not isinstance(motion, HeadMotion):
                yield motion
                continue
            rows = motion.to_vectors()
            for row in rows:
                state = row[HEAD] if state is None else self.alpha * row[HEAD] + (1 - self.alpha) * state
                row[HEAD] = state
            yield HeadMotion.from_vectors(rows)


class GaussianSmoothing:
    """A centred Gaussian: no lag. The last few frames of a stretch wait for the next one.

    seconds: the standard deviation, > 0; 0.1 removes the tremble, 0.4 leaves only slow drifting. At the ends
    of the voice, the first and the last pose are repeated.
    """

    def __init__(self, seconds: float) -> None:
        if not seconds > 0:
            raise ValueError(f"the smoothing must be above 0 s, not {seconds}")
        self.reach = max(1, round(REACH * seconds * FPS))
        place = np.arange(-self.reach, self.reach + 1) / (seconds * FPS)
        weights = np.exp(-0.5 * place**2)
        self.weights = weights / weights.sum()

    def apply(self, stretches: Iterator[HeadMotion | Other]) -> Iterator[HeadMotion | Other]:
        """Smooth; output lags `reach` frames behind until the end."""
        past: np.ndarray | None = None  # heads: `reach` before the first waiting frame, then those waiting
        waiting = np.empty((0, 70), np.float32)
        for motion in stretches:
            if not isinstance(motion, HeadMotion):
                yield motion
                continue
            rows = motion.to_vectors()
            if past is None:
                past = np.repeat(rows[:1, HEAD], self.reach, axis=0)
            past, waiting = np.concatenate([past, rows[:, HEAD]]), np.concatenate([waiting, rows])
            ready = len(waiting) - self.reach
            if ready > 0:
                yield self.smoothed(past, waiting[:ready])
                past, waiting = past[ready:], waiting[ready:]
        if past is not None:
            past = np.concatenate([past, np.repeat(past[-1:], self.reach, axis=0)])
            yield self.smoothed(past, waiting)

    def smoothed(self, past: np.ndarray, rows: np.ndarray) -> HeadMotion:
        """Smooth (n, 70) rows. past: (at least n + 2 * reach, 7), the heads from `reach` before the first."""
        around = np.lib.stride_tricks.sliding_window_view(past.astype(np.float64), 2 * self.reach + 1, axis=0)
        rows = rows.copy()
        rows[:, HEAD] = around[: len(rows)] @ self.weights
        return HeadMotion.from_vectors(rows)
