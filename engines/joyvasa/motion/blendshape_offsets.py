"""Single moves of a face as offsets of LivePortrait's 21 keypoints.

The directions are properties of the published networks: LivePortrait's own retargeting page changes these
numbers of the expression. x runs to the picture's right, y down, z away from the viewer; the units are those
of the expression, so a crop is 2 wide. They hold for human faces: the animals' networks have learned
keypoints of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engines.joyvasa.motion.pose import KEYPOINTS

X, Y, Z = 0, 1, 2
Move = Mapping[tuple[int, int], float]


def offsets(move: Move, strength: float = 1.0) -> np.ndarray:
    """(21, 3) float32 to add to an expression."""
    moved = np.zeros((KEYPOINTS, 3), np.float32)
    for place, amount in move.items():
        moved[place] = amount * strength
    return moved


SMILE: Move = {
    (20, Y): -0.010,
    (14, Y): -0.020,
    (17, Y): 0.0065,
    (17, Z): 0.003,
    (13, Y): -0.00275,
    (16, Y): -0.00275,
    (3, Y): -0.0035,
    (7, Y): -0.0035,
}
"""A friendly smile; LivePortrait's page goes from -0.3 of it (sad) to 1.3 (broad)."""

_GAZE = 20  # of the page's units; it lets 30 be set sideways, at the corner of the eye
LOOK_RIGHT: Move = {(11, X): 0.0007 * _GAZE, (15, X): 0.001 * _GAZE}
LOOK_LEFT: Move = {(11, X): -0.001 * _GAZE, (15, X): -0.0007 * _GAZE}
"""To the picture's sides. The eye that turns outwards moves further."""

_UP = 30  # of the page's 63
LOOK_UP: Move = {
    (11, Y): (-0.001 + 0.0005) * _UP,
    (15, Y): (-0.001 + 0.0005) * _UP,
    (13, Y): -0.00015 * _UP,
    (16, Y): -0.00015 * _UP,
}
"""The lids follow the eyes: the page takes half of the gaze's height back as opening of the lids."""

_WINK = 30  # of the page's 39, the lids touch
CLOSE_RIGHT_EYE: Move = {(11, Y): 0.001 * _WINK, (13, Y): -0.0003 * _WINK}
CLOSE_LEFT_EYE: Move = {(15, Y): 0.001 * _WINK, (16, Y): -0.0003 * _WINK}
"""The lids of one eye down. Left and right are the person's. In LivePortrait's template d7.pkl, the height of
11 goes with the opening of the eye on the picture's left, and that of 15 with the other one's.
"""
CLOSE_EYES: Move = {**CLOSE_RIGHT_EYE, **CLOSE_LEFT_EYE}
"""Both lids down."""

_BROWS = 25  # of the page's 30, in both directions
RAISE_BROWS: Move = {(1, Y): 0.001 * _BROWS, (2, Y): -0.001 * _BROWS}
LOWER_BROWS: Move = {
    (1, X): 0.001 * _BROWS,
    (2, X): -0.001 * _BROWS,
    (1, Y): -0.0003 * _BROWS,
    (2, Y): 0.0003 * _BROWS,
}
"""Down and together. The page's brows are learned directions: 1 and 2 are no places on the brows."""

_OPEN = 100  # of the page's 120
OPEN_JAW: Move = {(19, Y): 0.001 * _OPEN, (19, Z): 0.0001 * _OPEN, (17, Y): -0.0001 * _OPEN}

_PURSE, _GRIN = 15, 15  # the page's most
PURSE_LIPS: Move = {
    (14, Y): 0.001 * _PURSE,
    (3, Y): -0.0005 * _PURSE,
    (7, Y): -0.0005 * _PURSE,
    (17, Z): -0.0005 * _PURSE,
}
"""Lips as for "oo"."""
GRIN: Move = {(20, Y): -0.001 * _GRIN, (20, Z): -0.001 * _GRIN, (14, Y): -0.001 * _GRIN}
"""Lips spread and apart over closed teeth."""
_PRESS = 10  # of the page's 90
PRESS_LIPS: Move = {(19, Y): -0.001 * _PRESS, (19, Z): -0.0001 * _PRESS, (17, Y): 0.0001 * _PRESS}
"""Closed lips pressed together: the jaw's move, backwards."""
LIPS_RIGHT: Move = {(19, X): 0.06}
"""The mouth to the picture's right; the page's most is 0.09."""
