"""Tells the emotion of a face by rules about its landmarks, for benchmarks.expression.

The rules are what the Facial Action Coding System says of the prototypes (Ekman, Friesen and Hager 2002):
happy 6+12, sad 1+4+15, angry 4+5+7, surprised 1+2+5+26, disgusted 9+10. They were fixed before the offsets of
the engines were written, and know nothing about them. A face is compared with the same portrait when it is
neutral, frame by frame, so that head and voice cancel out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

_LEFT_EYE, _RIGHT_EYE = (33, 133), (362, 263)
_INNER_BROWS = (55, 65, 107, 66, 285, 295, 336, 296)
_OUTER_BROWS = (46, 53, 70, 63, 276, 283, 300, 293)
_BETWEEN_BROWS = ((55, 285), (107, 336))
_CORNERS = (61, 291)
_MIDDLE_OF_LIPS = (0, 13, 14, 17)
_LIDS = ((159, 145), (158, 153), (386, 374), (385, 380))
_INNER_LIPS = (13, 14)
_UPPER_LIP = (0, 37, 267)
_NOSE_WINGS = (48, 64, 98, 278, 294, 327)
_SIDES = (234, 454)

LIP = 0.010
"""Change of the upper lip that counts, in face widths."""
BROW = 0.010
"""Change of a brow that counts, in face widths."""
CORNER = 0.010
"""The same of the mouth's corners."""
SLIGHT = 0.004


@dataclass(frozen=True)
class FaceMeasures:
    """Heights above the line of the eyes and distances, all in face widths.

    curve: height of the mouth's corners above the middle of the lips. apart: distance of the inner brows.
    lids: opening of the eyes. gap: of the inner lips. upper_lip: its upper edge in the middle. nose_wings:
    the sides of the nostrils.
    """

    inner_brows: float
    outer_brows: float
    apart: float
    corners: float
    curve: float
    mouth_width: float
    lids: float
    gap: float
    upper_lip: float
    nose_wings: float

    def minus(self, other: FaceMeasures) -> FaceMeasures:
        """The changes from another face to this one."""
        return FaceMeasures(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))


def measured(landmarks: np.ndarray) -> FaceMeasures:
    """The measures of one face from (478, 2 or 3) landmarks in pixels."""
    points = landmarks[:, :2].astype(np.float64)
    left, right = points[list(_LEFT_EYE)].mean(axis=0), points[list(_RIGHT_EYE)].mean(axis=0)
    across = (right - left) / np.hypot(*(right - left))
    up = np.array([across[1], -across[0]])
    width = float(np.hypot(*(points[_SIDES[1]] - points[_SIDES[0]])))
    middle = (left + right) / 2

    def height(which: Iterable[int]) -> float:
        return float(((points[list(which)] - middle) @ up).mean()) / width

    def apart(pairs: Iterable[tuple[int, int]]) -> float:
        return float(np.mean([np.hypot(*(points[b] - points[a])) for a, b in pairs])) / width

    return FaceMeasures(
        inner_brows=height(_INNER_BROWS),
        outer_brows=height(_OUTER_BROWS),
        apart=apart(_BETWEEN_BROWS),
        corners=height(_CORNERS),
        curve=height(_CORNERS) - height(_MIDDLE_OF_LIPS),
        mouth_width=apart([_CORNERS]),
        lids=apart(_LIDS),
        gap=apart([_INNER_LIPS]),
        upper_lip=height(_UPPER_LIP),
        nose_wings=height(_NOSE_WINGS),
    )


def median_change(pairs: Iterable[tuple[FaceMeasures, FaceMeasures]]) -> FaceMeasures:
    """The median of the changes over frames. pairs: the neutral face and the other one."""
    changes = [other.minus(neutral) for neutral, other in pairs]
    return FaceMeasures(
        *(float(np.median([getattr(c, f.name) for c in changes])) for f in fields(changes[0]))
    )


def emotion_of(change: FaceMeasures) -> str:
    """happy, sad, angry, surprised or disgusted, or "" if no rule fits."""
    wrinkled = change.nose_wings >= SLIGHT and change.upper_lip >= LIP
    if wrinkled and change.curve < CORNER and change.inner_brows < SLIGHT:
        return "disgusted"
    if change.inner_brows <= -BROW and change.curve < CORNER:
        return "angry"
    opened = change.lids >= SLIGHT or change.gap >= SLIGHT
    if change.outer_brows >= BROW and change.inner_brows >= SLIGHT and opened:
        return "surprised"
    if change.inner_brows - change.outer_brows >= SLIGHT and change.curve <= -SLIGHT:
        return "sad"
    return "happy" if change.curve >= CORNER else ""
