"""The regular clock behind the timestamps of a video's frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NEAR = 0.1
"""Fraction of a frame by which frames of a constant rate may be off; containers round to milliseconds."""
_ROUNDED = 1.1e-3  # seconds


def grid_origin(times: Sequence[float] | np.ndarray) -> float:
    """Seconds from the first frame to the clock on which all later ones are a whole number of frames apart.

    times: of the frames, relative to the first, in order. 0 if the first is on that clock, too, or if there
    is no such clock because the rate is variable; else less than a frame.
    """
    if len(times) < 4:
        return 0.0
    later = np.asarray(times[1:], np.float64)
    step = float(later[-1] - later[0]) / (len(later) - 1)
    if step <= 0:
        return 0.0
    near = max(NEAR * step, min(_ROUNDED, 0.3 * step))
    even = later[0] + step * np.arange(len(later))
    if float(np.abs(later - even).max()) > near:
        return 0.0
    origin = float((later[0] - times[0]) % step)
    return 0.0 if min(origin, step - origin) <= near else origin
