"""Smooths landmarks in time without lag, at any spacing of the frames.

The mesh swings between two answers from frame to frame, by a third of a pixel in a face of 100 pixels, and a
mouth that speaks opens and closes up to six times a second. Nine frames and a polynomial of fourth degree
take away 92 % of the first and keep 80 % of a movement at 5 Hz (at 25 frames per second); a parabola over
seven frames, which is equally quiet, keeps 59 %.
"""

from __future__ import annotations

import numpy as np

REACH_SECONDS = 0.17
"""Frames up to this far away count, at least LEAST and at most MOST to each side: nine frames at 25 per
second.
"""
LEAST, MOST = 2, 10
BOTH_SIDES = 4
"""Frames on each side that the fourth degree needs; at the ends of a stretch it would follow the noise."""


def neighbours(times: np.ndarray, place: int, first: int, end: int) -> slice:
    """The frames around one that smooth it.

    times: (n,) seconds, ascending. place: the frame. first, end: the stretch without a break around it, as a
    slice.
    """
    low, high = max(first, place - MOST), min(end, place + MOST + 1)
    while low < place - LEAST and times[place] - times[low] > REACH_SECONDS:
        low += 1
    while high > place + LEAST + 1 and times[high - 1] - times[place] > REACH_SECONDS:
        high -= 1
    return slice(low, high)


def weights(times: np.ndarray, at: float) -> np.ndarray:
    """(n,) weights of sum 1: the weighted sum of values at some times is the smoothed value at `at`.

    times: (n,) seconds, ascending, at least one. A polynomial is fitted with weights that fall to zero beyond
    the farthest frame (local regression; Cleveland 1979, with his tricube): with even spacing, that is a
    Savitzky-Golay filter with tapered ends.
    """
    away = times - at
    degree = _degree(int((away < 0).sum()), int((away > 0).sum()))
    spacing = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    reach = float(np.abs(away).max()) + max(spacing, 1e-6)
    root = (1 - (np.abs(away) / reach) ** 3) ** 1.5
    powers = np.vander(away / reach, degree + 1, increasing=True)
    # The value of the fitted polynomial at zero is its first coefficient.
    result: np.ndarray = np.linalg.pinv(powers * root[:, None])[0] * root
    return result


def _degree(before: int, after: int) -> int:
    if min(before, after) >= BOTH_SIDES:
        return 4
    if before + after >= 4 and min(before, after) >= 1:
        return 2
    return 1 if before + after >= 2 else 0
