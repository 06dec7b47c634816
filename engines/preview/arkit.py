"""The preview engine's poses as ARKit's blend shapes and angles, and back.

The one place where both meet: whatever a pose gains is added here and nowhere else. The engine's left is the
picture's, ARKit's is the person's, so sides are swapped here, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engines.emotion.shapes import SMILE_FADES
from engines.performed_parts import limited
from engines.preview.head import HeadPose
from engines.preview.irises import MOST_X, MOST_Y
from engines.preview.lips import MouthPose
from engines.preview.motion import LIMITS
from engines.preview.pose import Pose
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS

CHANNELS: Mapping[str, Mapping[str, float]] = {
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
    "look_left": {"eyeLookInLeft": 0.8, "eyeLookOutRight": 0.8},
    "look_right": {"eyeLookOutLeft": 0.8, "eyeLookInRight": 0.8},
    "look_up": {"eyeLookUpLeft": 0.5, "eyeLookUpRight": 0.5},
    "look_down": {"eyeLookDownLeft": 0.5, "eyeLookDownRight": 0.5},
}
"""What each part of a pose, 0..1, adds to the blend shapes. A tongue behind the teeth has none. Eyes turn by
35 degrees sideways and 30 upwards at 1 in ARKit, and by less here."""

FOLDED = frozenset({"jawOpen", "mouthPressLeft", "mouthPressRight", "eyeBlinkLeft", "eyeBlinkRight"})
"""Shapes of an emotion that `expressed` has already put into the pose's mouth and lids."""
FACE = tuple(
    name
    for name in BLENDSHAPES
    if name.startswith(
        ("brow", "cheekSquint", "noseSneer", "eyeSquint", "eyeWide", "mouthSmile", "mouthFrown")
    )
)
"""Shapes that the engine's warp of the whole face shows, beyond what the channels do."""
SPOKEN = {"smile": 0.4, "frown": 0.0, "brow_up": 0.6, "brow_down": 0.0}
"""What a voice alone moves at most. The rest of a recorded expression moves the whole face, which shows it
better."""
LEAST = 0.01
LIPS_PART = 0.2
"""Share of a lowered lower lip that counts as an opening of the jaw: recordings part the lips without it."""
LARGEST_TURNS = np.radians(np.add(LIMITS[:3], (11.0, 9.0, 2.4)))
"""Yaw, pitch and roll that the engine shows well, in radians: a set turn and the movement around it."""

_PLACE = {name: place for place, name in enumerate(BLENDSHAPES)}
_FACE = [_PLACE[name] for name in FACE]
_TURNS = [ROTATIONS.index(name) for name in ("headYaw", "headPitch", "headRoll")]
_EYES = [ROTATIONS.index(name) for name in ("leftEyeYaw", "leftEyePitch", "rightEyeYaw", "rightEyePitch")]
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
    values = rows @ _FORWARD
    for row, pose in zip(values, poses, strict=True):
        for name, value in pose.face.items():
            if name in _PLACE and name not in FOLDED:
                row[_PLACE[name]] += value
    angles = np.zeros((len(rows), len(ROTATIONS)), np.float32)
    turns = np.array([(pose.head.yaw, pose.head.pitch, pose.head.roll) for pose in poses]).reshape(-1, 3)
    angles[:, _TURNS] = np.radians(turns) * _TO_PERSON
    gaze = np.array([(pose.gaze_x, pose.gaze_y) for pose in poses]).reshape(-1, 2)
    angles[:, _EYES] = np.tile(-np.radians(gaze * (MOST_X, MOST_Y)), 2)
    return np.clip(values, 0.0, 1.0), angles


def pose_of(values: np.ndarray, angles: np.ndarray) -> Pose:
    """The pose that comes closest to blend shapes, (52,) 0..1, and angles, (9,) radians.

    Larger turns of the head than the engine can show approach LARGEST_TURNS.
    """
    row = values.astype(np.float32)
    lowered = LIPS_PART * (row[_PLACE["mouthLowerDownLeft"]] + row[_PLACE["mouthLowerDownRight"]]) / 2
    row[_PLACE["jawOpen"]] = max(0.0, row[_PLACE["jawOpen"]] - row[_PLACE["mouthClose"]]) + lowered
    parts = np.clip(row @ _BACKWARD, 0.0, 1.0)
    part = dict(zip(CHANNELS, parts.tolist(), strict=True))
    for name, most in SPOKEN.items():  # and no more than all of its shapes have
        least = min(float(row[_PLACE[shape]]) / weight for shape, weight in CHANNELS[name].items())
        part[name] = min(part[name], most, least)
    shown = np.array(list(part.values()), np.float32) @ _FORWARD
    beyond = np.clip(row[_FACE] - shown[_FACE], 0.0, 1.0)
    face = {name: value for name, value in zip(FACE, beyond.tolist(), strict=True) if value > LEAST}
    if frown := max(face.get("mouthFrownLeft", 0.0), face.get("mouthFrownRight", 0.0)):
        face[SMILE_FADES] = frown
    yaw, pitch, roll = np.degrees(limited(angles[_TURNS], LARGEST_TURNS) * _TO_PERSON).tolist()
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
        gaze_x=part["look_right"] - part["look_left"],
        gaze_y=part["look_up"] - part["look_down"],
        face=face,
    )


def _channels(pose: Pose) -> tuple[float, ...]:
    """A pose as CHANNELS, in their order."""
    mouth, brow, x, y = pose.mouth, pose.brow, pose.gaze_x, pose.gaze_y
    left, right = pose.blinks[0], pose.blinks[-1]
    return (
        mouth.drop, mouth.press, mouth.rounding, mouth.spreading, mouth.lip_teeth,
        max(mouth.smile, 0.0), max(-mouth.smile, 0.0), max(brow, 0.0), max(-brow, 0.0), left, right,
        max(-x, 0.0), max(x, 0.0), max(y, 0.0), max(-y, 0.0),
    )  # fmt: skip
