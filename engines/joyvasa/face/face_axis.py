"""The direction of a face in an image: two points on its axis, from any of the landmark sets in use.

The indices are those of LivePortrait's src/utils/crop.py: InsightFace's 106 points, LivePortrait's 203, the
68 of iBUG, the 101 of an older detector (whose first 101 also start the 150), the 5 of face detectors, and
the 9 of X-Pose for animals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Group = tuple[int, ...]


@dataclass(frozen=True)
class AxisLandmarks:
    """Indices whose means are the eye on the picture's left side, the other eye, and the mouth."""

    left_eye: Group
    right_eye: Group
    mouth: Group


PARTS: dict[int, AxisLandmarks] = {
    5: AxisLandmarks((0,), (1,), (3, 4)),
    9: AxisLandmarks((2, 3), (0, 1), (5, 6)),
    68: AxisLandmarks((36, 39), (42, 45), (48, 54)),
    101: AxisLandmarks((39, 42, 45, 48), (51, 54, 57, 60), (75, 81)),
    106: AxisLandmarks((33, 35, 40, 39), (87, 89, 94, 93), (52, 61)),
    203: AxisLandmarks((0, 6, 12, 18), (24, 30, 36, 42), (48, 66)),
}


def face_axis(points: np.ndarray, *, use_lip: bool = True) -> np.ndarray:
    """(2, 2) floats: the middle of the eyes and the mouth.

    points: (n, 2), n a key of PARTS, or more than 101, of which the first 101 count.
    use_lip: False takes the left eye and the direction at right angles to the line between the eyes,
        for faces whose mouth is hidden or pulled aside.
    Raises ValueError for another number of points.
    """
    places = np.asarray(points)[:, :2]
    parts = PARTS.get(len(places)) or (PARTS[101] if len(places) > 101 else None)
    if parts is None:
        known = ", ".join(str(n) for n in PARTS)
        raise ValueError(f"A face needs {known} or 150 landmarks, not {len(places)}.")
    left, right, mouth = (places[list(group)].mean(axis=0) for group in _groups(parts))
    if use_lip:
        return np.stack([(left + right) / 2, mouth])
    x, y = right - left
    return np.stack([left, left + np.array([-y, x])])


def _groups(parts: AxisLandmarks) -> tuple[Group, Group, Group]:
    return parts.left_eye, parts.right_eye, parts.mouth
