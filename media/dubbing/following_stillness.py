"""Holds landmarks still where a face stands still.

The mesh swings by up to 1 % of a face's width between frames that show the same, most of all on drawings, and
a short smoothing leaves a third of that: lips that are brought to rest would tremble. The mean over two
seconds is quiet. It is used where the short smoothing stays near it, for the lips and for the rest of the
face apart.

Measured as parts of the face's width, root mean square over the points: on a still drawing, the short
smoothing is at most 0.006 away from the mean, and 0.0025 in the median; on talking portraits whose heads
move, 0.004 to 0.05.
"""

from __future__ import annotations

import numpy as np

REACH_SECONDS = 1.0
"""The mean is over the frames up to this far away to either side ..."""
MOST = 40
"""... and over so many of each side at most."""
STILL, MOVES = 0.004, 0.008
"""Parts of the face's width: up to the first, a part of the face stands still; from the second, it moves."""
LIPS = np.zeros(478, bool)
LIPS[
    [
        0, 13, 14, 17, 37, 39, 40, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181, 185, 191, 267, 269,
        270, 291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375, 402, 405, 409, 415,
    ]
] = True  # fmt: skip
"""(478,) bool: MediaPipe's points of the lips."""
FEWEST = 9
"""Rows of a mean at least, or it says as little about what stands still as the short smoothing."""


def calm_neighbours(times: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows whose mean shows a face that stands still, and their weights of sum 1, which fall to zero with
    the distance: a frame more or less is not seen.

    At the ends of a stretch they lie on one side. As many on both sides would be few there, and lips that
    part in its last frames would be taken for still ones.

    times: (n,) seconds, ascending, of a stretch without a break. place: the frame's row.
    """
    low = np.searchsorted(times, times[place] - REACH_SECONDS + 1e-6)
    high = np.searchsorted(times, times[place] + REACH_SECONDS - 1e-6)
    first, end = max(int(low), place - MOST), min(int(high), place + MOST + 1)
    each = max(place - first, end - 1 - place)
    weights = np.hanning(2 * each + 3)[1:-1][first - place + each : end - place + each]
    return np.arange(first, end), weights / weights.sum()


def held(short: np.ndarray, calm: np.ndarray) -> tuple[np.ndarray, bool]:
    """(478, 3) float32 landmarks that are held where the face stands still, and whether all of the lips are.

    short, calm: (478, 3) float32 pixels, smoothed over a few frames, and the mean over many.
    """
    width = max(float(np.ptp(short[:, 0])), 1e-3)
    away = np.square(short[:, :2] - calm[:, :2]).sum(axis=1)
    shares = [
        _ramp((float(np.sqrt(away[part].mean())) / width - STILL) / (MOVES - STILL)) for part in (LIPS, ~LIPS)
    ]
    share = np.where(LIPS[:, None], shares[0], shares[1]).astype(np.float32)
    return calm + share * (short - calm), shares[0] == 0.0


def _ramp(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)
