"""The sides of a round mouth, which stand upright beyond the corners of its lips.

A mouth is closed column by column. A column that shows the side of a lip has hardly a lip between its
contours: it would keep an upright piece of it above and below the corner.
"""

from __future__ import annotations

import numpy as np

from engines.preview.rig import MouthRig

PLACES, FARTHEST = 121, 1.4
"""Points of a contour with its sides, and |u| up to which they lie."""
FROM, REACH = 0.75, 0.10
"""|u| from which a contour takes in what is beside it, and how far beside, in half mouth widths."""
UPRIGHT_AT, UPRIGHT = 0.9, 0.15
"""|u| at which the height of a contour tells its side, and the height from which a side stands upright."""


def with_sides(mouth: MouthRig, share: float) -> tuple[np.ndarray, np.ndarray]:
    """The outer contours of the upper and the lower lip, (PLACES, 2) of (u, v) each, as far out as the sides
    of round lips reach.

    share: how far the lips are open, 0..1; shut lips keep their contours.
    """
    u = np.linspace(-FARTHEST, FARTHEST, PLACES)
    around = u[:, None] + np.linspace(-REACH, REACH, 9)
    near = share * _smooth((np.abs(u) - FROM) / 0.25)
    sides = []
    for contour, sign in ((mouth.outer_upper, -1.0), (mouth.outer_lower, 1.0)):
        height, heights = (sign * np.interp(at, contour[:, 0], contour[:, 1]) for at in (u, around))
        beside = np.interp(around, u, heights.max(axis=1)).mean(axis=1)
        left, right = np.interp((-UPRIGHT_AT, UPRIGHT_AT), u, height)
        counts = near * _smooth((np.where(u < 0, left, right) - UPRIGHT) / UPRIGHT)
        sides.append(np.column_stack([u, sign * (height + counts * np.maximum(beside - height, 0.0))]))
    return sides[0], sides[1]


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))
