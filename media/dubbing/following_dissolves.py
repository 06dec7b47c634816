"""Finds dissolves: frames that are mixtures of the shot before and of the shot after.

A frame inside a dissolve is a weighted mean of two frames that lie equally far before and after it, and these
show different pictures. What moves is no such mean: neither its new nor its old place is half visible between
the two. In a fade to an even colour and in another light, the two frames are arranged alike.
"""

from __future__ import annotations

from collections import deque

import numpy as np

AWAY = (3, 6, 12, 24, 48)
"""Frames to either side that are compared with the one between them."""
APART = 0.25
"""1 minus the correlation of the two frames from which they are different pictures."""
LEAST_CONTRAST = 12.0
"""Standard deviation of their light, in levels of 255, below which they are even, as in a fade."""
LEAST_SHARE = 0.1
"""Smallest share of either frame in a mixture."""
UNEXPLAINED = 0.12
"""Largest part of their difference that a mixture may leave open: dissolves leave up to 0.08, and everything
else that was measured, as pans, turns, fades, flashes, hands and changes of the light, 0.25 and more.
"""
GAP, SHORTEST = 2, 3
"""Frames in a dissolve that may be missed, and least frames of one."""
BEGINNING = 6
"""The first and the last sixth of a dissolve are too faint to be measured."""


class Dissolves:
    """Reads thumbnails in order; `ranges` tells where the dissolves were."""

    def __init__(self) -> None:
        self._recent: deque[tuple[np.ndarray, float]] = deque(maxlen=2 * AWAY[-1] + 1)
        self._mixed = bytearray()

    def add(self, thumbnail: np.ndarray) -> None:
        """Take the light of the next frame, (h, w) float32, reduced."""
        self._recent.append((thumbnail.ravel(), float(thumbnail.std())))
        self._mixed.append(0)
        for away in AWAY:
            if len(self._recent) > 2 * away:
                before, between, after = (self._recent[-1 - n] for n in (2 * away, away, 0))
                if _mixed(before, between[0], after):
                    self._mixed[-1 - away] = 1

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """(first, end) frames of every dissolve, ascending; none overlap."""
        found: list[tuple[int, int]] = []
        for number in np.flatnonzero(np.frombuffer(bytes(self._mixed), np.uint8)).tolist():
            if found and number - found[-1][1] <= GAP:
                found[-1] = found[-1][0], number + 1
            else:
                found.append((number, number + 1))
        wide: list[tuple[int, int]] = []
        for first, end in found:
            if end - first >= SHORTEST:
                more = -(-(end - first) // BEGINNING)
                begin = max(first - more, wide[-1][1] if wide else 0)
                wide.append((begin, min(end + more, len(self._mixed))))
        return tuple(wide)


def _mixed(before: tuple[np.ndarray, float], between: np.ndarray, after: tuple[np.ndarray, float]) -> bool:
    (old, old_spread), (new, new_spread) = before, after
    if min(old_spread, new_spread) < LEAST_CONTRAST:
        return False
    difference = new - old
    squared = float(difference @ difference)
    # From the spread of the difference, the correlation follows.
    variance = squared / len(old) - float(difference.mean()) ** 2
    shared = (old_spread**2 + new_spread**2 - variance) / (2 * old_spread * new_spread)
    if 1.0 - shared < APART:
        return False
    moved = between - old
    share = float(moved @ difference) / squared
    if not LEAST_SHARE < share < 1.0 - LEAST_SHARE:
        return False
    left = float(moved @ moved) - share**2 * squared
    return left < UNEXPLAINED**2 * squared
