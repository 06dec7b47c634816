"""ARKit's blend shapes as offsets of LivePortrait's keypoints, for emotions and recorded performances.

LivePortrait's keypoints know fewer moves than ARKit has shapes. Both brows move as a whole, a smile has both
corners, and nothing moves the nose, the cheeks and the tongue. Left and right are the person's: the eye with
the keypoints 11 and 13 is on the picture's left, so it is the person's right one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engines.joyvasa.motion.blendshape_offsets import (
    CLOSE_LEFT_EYE,
    CLOSE_RIGHT_EYE,
    GRIN,
    LIPS_RIGHT,
    LOOK_LEFT,
    LOOK_RIGHT,
    LOOK_UP,
    LOWER_BROWS,
    OPEN_JAW,
    PRESS_LIPS,
    PURSE_LIPS,
    RAISE_BROWS,
    SMILE,
    Move,
    offsets,
)
from engines.joyvasa.motion.pose import KEYPOINTS
from engines.performed_parts import PerformedParts
from media.performance.blendshapes import BLENDSHAPES

FROWN = 0.3
"""The lowest of the smiles on LivePortrait's page, for a full frown."""
WIDE, SQUINT = 0.35, 0.4
"""Shares of closed lids by which wide eyes open and narrowed ones close."""
LIPS_PART = 0.2
"""Share of a lowered lower lip that counts as an opening of the jaw: recordings part the lips without it."""
SIDEWAYS, UPWARDS = 1.25, 2.0
"""How far the moves of the gaze go for eyes that turn by ARKit's 35 degrees sideways and 30 upwards."""

PLACES = {name: place for place, name in enumerate(BLENDSHAPES)}
_Amounts = list[tuple[Move, np.ndarray]]
"""Moves, each with its strength in every frame, (n,)."""


class _Shapes:
    """Blend shapes of n frames by their names. values: (n, 52)."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def __getitem__(self, name: str) -> np.ndarray:
        return self._values[:, PLACES[name]]

    def both(self, name: str) -> np.ndarray:
        """The mean of the left and the right one."""
        return 0.5 * (self[name + "Left"] + self[name + "Right"])


def offsets_of(values: np.ndarray, parts: PerformedParts | None = None) -> np.ndarray:
    """(n, 21, 3) float32 to add to expressions, for (n, 52) blend shapes 0..1 as BLENDSHAPES.

    parts: what they may move; None moves everything. The head's turns are not blend shapes.
    """
    chosen = parts or PerformedParts()
    shapes = _Shapes(values)
    made = np.zeros((len(values), KEYPOINTS, 3), np.float32)
    for part, amounts in _PARTS.items():
        if getattr(chosen, part):
            for move, strength in amounts(shapes):
                made += strength[:, None, None].astype(np.float32) * offsets(move)
    return made


def _mouth(shapes: _Shapes) -> _Amounts:
    jaw = np.maximum(shapes["jawOpen"] - shapes["mouthClose"], 0.0)
    pressed = np.maximum(
        shapes.both("mouthPress"), 0.5 * (shapes["mouthRollLower"] + shapes["mouthRollUpper"])
    )
    pursed = np.minimum(0.7 * shapes["mouthPucker"] + 0.5 * shapes["mouthFunnel"], 1.0)
    bared = np.minimum(shapes.both("mouthStretch") + 0.7 * shapes.both("mouthUpperUp"), 1.0)
    # To the person's left is to the picture's right.
    sideways = shapes["mouthLeft"] - shapes["mouthRight"] + 0.5 * (shapes["jawLeft"] - shapes["jawRight"])
    return [
        (OPEN_JAW, jaw + LIPS_PART * shapes.both("mouthLowerDown")),
        (PRESS_LIPS, pressed),
        (PURSE_LIPS, pursed),
        (GRIN, bared),
        (LIPS_RIGHT, np.clip(sideways, -1.0, 1.0)),
    ]


def _smile(shapes: _Shapes) -> _Amounts:
    return [(SMILE, shapes.both("mouthSmile") - FROWN * shapes.both("mouthFrown"))]


def _lids(shapes: _Shapes) -> _Amounts:
    def closed(side: str) -> np.ndarray:
        lids = (
            shapes["eyeBlink" + side] + SQUINT * shapes["eyeSquint" + side] - WIDE * shapes["eyeWide" + side]
        )
        return np.minimum(lids, 1.0)

    return [(CLOSE_LEFT_EYE, closed("Left")), (CLOSE_RIGHT_EYE, closed("Right"))]


def _gaze(shapes: _Shapes) -> _Amounts:
    def mean(one: str, other: str) -> np.ndarray:
        return 0.5 * (shapes["eyeLook" + one] + shapes["eyeLook" + other])

    x = np.clip(SIDEWAYS * (mean("OutLeft", "InRight") - mean("InLeft", "OutRight")), -SIDEWAYS, SIDEWAYS)
    y = UPWARDS * (mean("UpLeft", "UpRight") - mean("DownLeft", "DownRight"))
    return [(LOOK_RIGHT, np.maximum(x, 0.0)), (LOOK_LEFT, np.maximum(-x, 0.0)), (LOOK_UP, y)]


def _brows(shapes: _Shapes) -> _Amounts:
    raised = 0.6 * shapes["browInnerUp"] + 0.4 * shapes.both("browOuterUp") - shapes.both("browDown")
    return [(RAISE_BROWS, np.maximum(raised, 0.0)), (LOWER_BROWS, np.maximum(-raised, 0.0))]


_PARTS: dict[str, Callable[[_Shapes], _Amounts]] = {
    "mouth": _mouth,
    "smile": _smile,
    "lids": _lids,
    "gaze": _gaze,
    "brows": _brows,
}
"""By the names of PerformedParts."""
