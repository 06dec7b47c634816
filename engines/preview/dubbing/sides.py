"""The sides of a round mouth, which stand upright beyond the corners of its lips.

A mouth is closed column by column. A column that shows the side of a lip has hardly a lip between its
contours: it would keep an upright piece of it above and below the corner.
"""

from __future__ import annotations

import numpy as np

from engines.preview.easing import smoothstep
from engines.preview.rig import MouthRig

LIP_AT, SKIN_AT, SIDE_AT = (0.0, 0.35, 0.6), 1.4, 1.0
"""|u| at which a lip, the skin beside the mouth and the side between them show their colours."""
SKIN_LIKE = 1.0
"""Distance from the skin's colour, in distances from the lip's, up to which a side is skin; from one more on,
it is a lip.
"""
PLACES, FARTHEST = 121, 1.4
"""Points of a contour with its sides, and |u| up to which they lie."""
FROM, REACH = 0.75, 0.10
"""|u| from which a contour takes in what is beside it, and how far beside, in half mouth widths."""
UPRIGHT_AT, UPRIGHT = 0.9, 0.15
"""|u| at which the height of a contour tells its side, and the height from which a side stands upright."""


def sides_in(picture: np.ndarray, mouth: MouthRig) -> np.ndarray:
    """(2, 2) 1 where a side has the colour of its lip, 0 where it has that of the skin beside it: of the
    upper and the lower lip, to the picture's left and right.

    picture: (H, W, 3) uint8 RGB. The mesh rounds the farther side of a turned head that has no lip there.
    """
    weights = np.ones((2, 2))
    height, width = picture.shape[:2]
    for row, (outer, inner) in enumerate(
        ((mouth.outer_upper, mouth.inner_upper), (mouth.outer_lower, mouth.inner_lower))
    ):
        for column, side in enumerate((-1.0, 1.0)):
            far = float(np.interp(side * UPRIGHT_AT, outer[:, 0], outer[:, 1]))
            lip = [
                (u * side, (np.interp(u * side, *outer.T) + np.interp(u * side, *inner.T)) / 2)
                for u in LIP_AT
            ]
            places = [*lip, (side * SKIN_AT, far / 2), (side * SIDE_AT, far / 2)]
            xy = np.rint(mouth.frame.to_picture(np.array(places))).astype(int)
            x, y = np.clip(xy, 1, (width - 2, height - 2)).T
            *lips, skin, seen = (
                picture[b - 1 : b + 2, a - 1 : a + 2].reshape(-1, 3).mean(axis=0)
                for a, b in zip(x, y, strict=True)
            )
            to_lip = min(float(np.linalg.norm(seen - one)) for one in lips)
            to_skin = float(np.linalg.norm(seen - skin))
            weights[row, column] = smoothstep(np.array(to_skin / max(to_lip, 1.0) - SKIN_LIKE))
    return weights


def with_sides(
    mouth: MouthRig, share: float, seen: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The outer contours of the upper and the lower lip, (PLACES, 2) of (u, v) each, as far out as the sides
    of round lips reach.

    share: how far the lips are open, 0..1; shut lips keep their contours. seen: of `sides_in`; all sides
    without it.
    """
    u = np.linspace(-FARTHEST, FARTHEST, PLACES)
    around = u[:, None] + np.linspace(-REACH, REACH, 9)
    near = share * smoothstep((np.abs(u) - FROM) / 0.25)
    sides = []
    weights = np.ones((2, 2)) if seen is None else seen
    for contour, sign, (first, second) in zip(
        (mouth.outer_upper, mouth.outer_lower), (-1.0, 1.0), weights, strict=True
    ):
        height, heights = (sign * np.interp(at, contour[:, 0], contour[:, 1]) for at in (u, around))
        beside = np.interp(around, u, heights.max(axis=1)).mean(axis=1)
        left, right = np.interp((-UPRIGHT_AT, UPRIGHT_AT), u, height)
        counts = (
            near
            * np.where(u < 0, first, second)
            * smoothstep((np.where(u < 0, left, right) - UPRIGHT) / UPRIGHT)
        )
        sides.append(np.column_stack([u, sign * (height + counts * np.maximum(beside - height, 0.0))]))
    return sides[0], sides[1]
