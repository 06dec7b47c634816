"""Angles, rotations and keypoints, and the filters of the original over time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engines.joyvasa.face.openness import eye_ratios, lip_ratio
from engines.joyvasa.motion.pose import (
    HeadMotion,
    SourcePose,
    degrees_from_logits,
    rotation,
    transform_keypoints,
)

angles = st.floats(-90, 90)


def test_a_sure_logit_is_the_middle_of_its_bin_and_degrees_pass_through() -> None:
    logits = np.full((3, 66), -50.0)
    logits[[0, 1, 2], [0, 33, 65]] = 50
    degrees = degrees_from_logits(logits)
    assert degrees.shape == (3, 1)
    assert degrees[:, 0] == pytest.approx([-97.5, 1.5, 97.5])
    assert np.array_equal(degrees_from_logits(degrees), degrees)


@given(pitch=angles, yaw=angles, roll=angles)
def test_a_rotation_keeps_lengths_and_orientation(pitch: float, yaw: float, roll: float) -> None:
    matrix = rotation(np.array([pitch]), np.array([[yaw]]), np.array([roll]))[0]
    assert matrix @ matrix.T == pytest.approx(np.eye(3), abs=1e-5)
    assert np.linalg.det(matrix) == pytest.approx(1, abs=1e-5)


def test_each_angle_turns_about_its_own_axis() -> None:
    one, none = np.array([90.0]), np.array([0.0])
    x, y, z = np.eye(3, dtype=np.float32)
    assert y @ rotation(one, none, none)[0] == pytest.approx(z, abs=1e-6)
    assert z @ rotation(none, one, none)[0] == pytest.approx(x, abs=1e-6)
    assert x @ rotation(none, none, one)[0] == pytest.approx(y, abs=1e-6)


def still(frames: int) -> HeadMotion:
    rows = np.zeros((frames, 70), np.float32)
    rows[:, 63] = 1
    return HeadMotion.from_vectors(rows)


def test_a_motion_of_nothing_leaves_the_keypoints_and_z_is_never_shifted() -> None:
    kp = np.random.default_rng(0).normal(size=(21, 3)).astype(np.float32)
    motion = still(4)
    assert transform_keypoints(kp, motion) == pytest.approx(np.repeat(kp[None], 4, axis=0))
    shifted = transform_keypoints(kp, motion.with_changes(t=np.full((4, 3), 0.5, np.float32)))
    assert shifted - kp == pytest.approx(np.broadcast_to([0.5, 0.5, 0.0], (4, 21, 3)), abs=1e-6)


def test_vectors_and_parts_are_the_same_motion() -> None:
    rows = np.random.default_rng(1).normal(size=(5, 70)).astype(np.float32)
    motion = HeadMotion.from_vectors(rows)
    assert np.array_equal(motion.to_vectors(), rows)
    assert np.array_equal(HeadMotion.joined([motion[:2], motion[2:]]).to_vectors(), rows)
    assert len(motion[1:3]) == 2
    with pytest.raises(ValueError, match="70 numbers"):
        HeadMotion.from_vectors(rows[:, 1:])


def test_a_source_is_read_from_raw_heads_whether_tensors_or_arrays() -> None:
    generator = torch.Generator().manual_seed(0)
    sizes = {"pitch": 66, "yaw": 66, "roll": 66, "t": 3, "exp": 63, "scale": 1, "kp": 63}
    heads = {name: torch.randn(2, size, generator=generator) for name, size in sizes.items()}
    source = SourcePose.from_heads(SimpleNamespace(**heads), index=1)
    arrays = SourcePose.from_heads(SimpleNamespace(**{n: v.numpy() for n, v in heads.items()}), index=1)
    assert np.array_equal(source.keypoints, arrays.keypoints)
    assert source.keypoints.shape == (1, 21, 3)
    assert np.array_equal(source.kp, heads["kp"][1].reshape(21, 3).numpy())


@given(st.integers(0, 10**6), st.floats(0.1, 1000))
def test_ratios_do_not_depend_on_size_or_place(seed: int, size: float) -> None:
    points = np.random.default_rng(seed).uniform(0, 1, (203, 2)).astype(np.float32)
    for ratio in (eye_ratios, lip_ratio):
        assert ratio(points * size + size) == pytest.approx(ratio(points), rel=0.02, abs=0.02)


def test_ratios_refuse_other_landmarks() -> None:
    with pytest.raises(ValueError, match="203 landmarks, not 106"):
        lip_ratio(np.zeros((106, 2)))
