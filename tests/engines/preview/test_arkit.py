"""Poses become ARKit's blend shapes with the sides of the person, and come back."""

from __future__ import annotations

import numpy as np
import pytest

from engines.preview.arkit import LARGEST_TURNS, blendshapes_of, pose_of
from engines.preview.head import HeadPose
from engines.preview.lips import MouthPose
from engines.preview.pose import Pose
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS

POSES = [
    Pose(),
    Pose(MouthPose(drop=1.0), HeadPose(yaw=4, pitch=-3, roll=2), (1.0, 0.0), 0.5),
    Pose(MouthPose(press=1.0, smile=0.3), HeadPose(yaw=-2), (0.0, 1.0), 0.0, 0.5, -0.4),
    Pose(MouthPose(drop=0.3, rounding=0.9), HeadPose(), (0.2, 0.2), 0.1),
    Pose(MouthPose(drop=0.2, spreading=0.8, smile=0.2), HeadPose(), (0.5, 0.4), 0.0),
    Pose(MouthPose(lip_teeth=0.9), HeadPose(), (0.0, 0.0), 0.0),
]


def face(pose: Pose) -> dict[str, float]:
    values, angles = blendshapes_of([pose])
    return dict(zip((*BLENDSHAPES, *ROTATIONS), [*values[0].tolist(), *angles[0].tolist()], strict=True))


def test_sides_are_the_persons() -> None:
    shapes = face(Pose(blinks=(1.0, 0.0), head=HeadPose(yaw=5.0, pitch=3.0)))
    assert (shapes["eyeBlinkRight"], shapes["eyeBlinkLeft"]) == (1.0, 0.0)  # the picture's left eye
    assert shapes["headYaw"] == pytest.approx(-np.radians(5))  # to the picture's right is the person's left
    assert shapes["headPitch"] == pytest.approx(np.radians(3))


@pytest.mark.parametrize("pose", POSES)
def test_a_pose_comes_back(pose: Pose) -> None:
    values, angles = blendshapes_of([pose])
    assert values.min() >= 0
    assert values.max() <= 1
    back = pose_of(values[0], angles[0])
    for part in ("drop", "press", "rounding", "spreading", "lip_teeth", "smile"):
        assert getattr(back.mouth, part) == pytest.approx(getattr(pose.mouth, part), abs=0.01)
    for turn in ("yaw", "pitch", "roll"):
        assert getattr(back.head, turn) == pytest.approx(getattr(pose.head, turn), abs=0.01)
    assert back.blinks == pytest.approx(pose.blinks, abs=0.01)
    assert back.brow == pytest.approx(pose.brow, abs=0.01)
    assert (back.gaze_x, back.gaze_y) == pytest.approx((pose.gaze_x, pose.gaze_y), abs=0.01)


@pytest.mark.parametrize(
    "shapes",
    [
        {"mouthSmileLeft": 0.9, "mouthSmileRight": 0.5, "cheekSquintLeft": 0.6},
        {"browDownLeft": 0.8, "browInnerUp": 0.9, "eyeWideRight": 0.7},
        {"mouthFrownLeft": 0.6, "mouthFrownRight": 0.6, "noseSneerLeft": 0.4},
        {"eyeLookInLeft": 0.5, "eyeLookOutRight": 0.5, "eyeBlinkLeft": 1.0, "jawOpen": 0.4},
    ],
)
def test_recorded_expressions_are_kept(shapes: dict[str, float]) -> None:
    wanted = row(**shapes)
    back, _ = blendshapes_of([pose_of(wanted, np.zeros(len(ROTATIONS), np.float32))])
    assert back[0] == pytest.approx(wanted, abs=0.03)


def row(**shapes: float) -> np.ndarray:
    values = np.zeros(len(BLENDSHAPES), np.float32)
    for name, value in shapes.items():
        values[BLENDSHAPES.index(name)] = value
    return values


def test_lips_together_over_an_open_jaw_are_shut() -> None:
    still = np.zeros(len(ROTATIONS), np.float32)
    assert pose_of(row(jawOpen=0.3, mouthClose=0.3), still).mouth.drop == pytest.approx(0, abs=0.01)
    assert pose_of(row(jawOpen=0.3), still).mouth.drop > 0.4


def test_a_large_turn_stays_within_what_the_engine_shows() -> None:
    angles = np.zeros(len(ROTATIONS), np.float32)
    angles[:3] = 1.2, -1.2, 1.2
    head = pose_of(row(), angles).head
    turns = np.radians([-head.yaw, head.pitch, head.roll])
    assert (np.abs(turns) <= LARGEST_TURNS + 1e-6).all()
    assert (np.abs(turns) > 0.9 * LARGEST_TURNS).all()
    assert np.sign(turns).tolist() == [1, -1, 1]
