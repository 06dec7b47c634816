"""The preview engine's poses as ARKit's blend shapes and angles, and back.

The one place where both meet: whatever a pose gains is added to CHANNELS and to the two functions. The
engine's left is the picture's, ARKit's is the person's, so sides are swapped here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.preview.head import HeadPose
from engines.preview.lips import MouthPose
from engines.preview.motion import LIMITS
from engines.preview.pose import Pose
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS

CHANNELS: dict[str, dict[str, float]] = {
    "drop": {"jawOpen": 0.7},
    "press": {"mouthPressLeft": 0.5, "mouthPressRight": 0.5},
    "rounding": {"mouthPucker": 0.7, "mouthFunnel": 0.4},
    "spreading": {
        "mouthStretchLeft": 0.4,
        "mouthStretchRight": 0.4,
        "mouthSmileLeft": 0.1,
        "mouthSmileRight": 0.1,
    },
    "lip_teeth": {"mouthRollLower": 0.6, "mouthUpperUpLeft": 0.2, "mouthUpperUpRight": 0.2},
    "smile": {"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0},
    "frown": {"mouthFrownLeft": 1.0, "mouthFrownRight": 1.0},
    "brow_up": {"browInnerUp": 1.0, "browOuterUpLeft": 0.7, "browOuterUpRight": 0.7},
    "brow_down": {"browDownLeft": 1.0, "browDownRight": 1.0},
    "blink_left": {"eyeBlinkRight": 1.0},
    "blink_right": {"eyeBlinkLeft": 1.0},
}
"""What each part of a pose, 0..1, adds to the blend shapes. A tongue behind the teeth has none."""

LIPS_PART = 0.2
"""Share of a lowered lower lip that counts as an opening of the jaw: recordings part the lips without it."""
LARGEST_TURNS = np.radians(2 * LIMITS[:3])
"""Yaw, pitch and roll that the engine reaches at its largest head motion, in radians."""

_PLACE = {name: place for place, name in enumerate(BLENDSHAPES)}
_TURNS = [ROTATIONS.index(name) for name in ("headYaw", "headPitch", "headRoll")]
_TO_PERSON = np.array([-1.0, 1.0, 1.0])
"""Yaw turns to the picture's right here, and to the person's right in recordings."""


def _matrix() -> np.ndarray:
    """(channels, 52) float32."""
    matrix = np.zeros((len(CHANNELS), len(BLENDSHAPES)), np.float32)
    for row, shapes in zip(matrix, CHANNELS.values(), strict=True):
        for name, weight in shapes.items():
            row[_PLACE[name]] = weight
    return matrix


_FORWARD = _matrix()
_BACKWARD = np.linalg.pinv(_FORWARD.astype(np.float64)).astype(np.float32)


def blendshapes_of(poses: Sequence[Pose]) -> tuple[np.ndarray, np.ndarray]:
    """(n, 52) blend shapes 0..1 and (n, 9) angles in radians, float32, of some poses."""
    rows = np.array([_channels(pose) for pose in poses], np.float32).reshape(-1, len(CHANNELS))
    angles = np.zeros((len(rows), len(ROTATIONS)), np.float32)
    turns = np.array([(pose.head.yaw, pose.head.pitch, pose.head.roll) for pose in poses]).reshape(-1, 3)
    angles[:, _TURNS] = np.radians(turns) * _TO_PERSON
    return np.clip(rows @ _FORWARD, 0.0, 1.0), angles


def pose_of(values: np.ndarray, angles: np.ndarray) -> Pose:
    """The pose that comes closest to blend shapes, (52,) 0..1, and angles, (9,) radians.

    Larger turns of the head than the engine can show approach LARGEST_TURNS.
    """
    row = values.astype(np.float32)
    lowered = LIPS_PART * (row[_PLACE["mouthLowerDownLeft"]] + row[_PLACE["mouthLowerDownRight"]]) / 2
    row[_PLACE["jawOpen"]] = max(0.0, row[_PLACE["jawOpen"]] - row[_PLACE["mouthClose"]]) + lowered
    part = dict(zip(CHANNELS, np.clip(row @ _BACKWARD, 0.0, 1.0).tolist(), strict=True))
    yaw, pitch, roll = np.degrees(_limited(angles[_TURNS]) * _TO_PERSON).tolist()
    return Pose(
        mouth=MouthPose(
            drop=part["drop"],
            press=part["press"],
            rounding=part["rounding"],
            spreading=part["spreading"],
            lip_teeth=part["lip_teeth"],
            smile=part["smile"] - part["frown"],
        ),
        head=HeadPose(yaw, pitch, roll),
        blinks=(part["blink_left"], part["blink_right"]),
        brow=part["brow_up"] - part["brow_down"],
    )


def _channels(pose: Pose) -> tuple[float, ...]:
    """A pose as CHANNELS, in their order."""
    mouth, brow = pose.mouth, pose.brow
    left, right = pose.blinks[0], pose.blinks[-1]
    return (
        min(mouth.drop, 1.0 / 0.7), mouth.press, mouth.rounding, mouth.spreading, mouth.lip_teeth,
        max(mouth.smile, 0.0), max(-mouth.smile, 0.0), max(brow, 0.0), max(-brow, 0.0), left, right,
    )  # fmt: skip


def _limited(turns: np.ndarray) -> np.ndarray:
    """Angles that stay as they are up to half of LARGEST_TURNS, and approach these beyond."""
    half = LARGEST_TURNS / 2
    beyond = np.abs(turns) - half
    return np.sign(turns) * np.where(beyond > 0, half + half * np.tanh(beyond / half), np.abs(turns))
