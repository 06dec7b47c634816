"""Motion laid onto a portrait: every region moves what its name says, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.motion.pose import HeadMotion, SourcePose
from engines.joyvasa.motion.retargeting import (
    EYE_POINTS,
    LIP_POINTS,
    Retargeter,
    Retargeting,
    lip_closing,
    size_ratio,
    stitched,
)

ALL = set(range(21))


def rows(frames: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 0.05, (frames, 70)).astype(np.float32)
    values[:, 63] += 1.2
    values[:, 67:] *= 200
    return values


KP = np.random.default_rng(7).normal(0, 0.4, (21, 3)).astype(np.float32)
SOURCE = SourcePose(KP, HeadMotion.from_vectors(rows(1, 1)))
MOTION = HeadMotion.from_vectors(rows(6, 2))


def keypoints(motion: HeadMotion = MOTION, **options: Any) -> np.ndarray:
    return Retargeter(SOURCE, MOTION, Retargeting(**options)).keypoints(motion)


def moved_points(keypoints: np.ndarray) -> set[int]:
    """Points that differ from the portrait's own in some frame after the first."""
    return set(np.flatnonzero((np.abs(keypoints[1:] - SOURCE.keypoints) > 1e-6).any(axis=(0, 2))).tolist())


@pytest.mark.parametrize(
    ("region", "points"),
    [("all", ALL), ("exp", ALL), ("pose", ALL), ("lip", set(LIP_POINTS)), ("eyes", set(EYE_POINTS))],
)
@pytest.mark.parametrize("lips", ["absolute", "relative"])
def test_a_region_moves_its_own_points(region: str, points: set[int], lips: str) -> None:
    assert moved_points(keypoints(region=region, lips=lips)) == points


def head_alone() -> HeadMotion:
    """The head moves, the face does not."""
    return MOTION.with_changes(exp=np.repeat(MOTION.exp[:1], len(MOTION), axis=0))


def face_alone() -> HeadMotion:
    still = {
        n: np.repeat(getattr(MOTION, n)[:1], len(MOTION), 0) for n in ("scale", "t", "pitch", "yaw", "roll")
    }
    return MOTION.with_changes(**still)


@pytest.mark.parametrize("region", ["exp", "lip", "eyes"])
def test_the_head_stays_where_it_is_in_the_regions_of_the_face(region: str) -> None:
    still = keypoints(head_alone(), region=region, lips="relative")
    assert still == pytest.approx(np.repeat(SOURCE.keypoints, 6, axis=0), abs=1e-6)


def test_the_face_stays_as_it_is_in_the_region_pose() -> None:
    still = keypoints(face_alone(), region="pose")
    assert still == pytest.approx(np.repeat(SOURCE.keypoints, 6, axis=0), abs=1e-6)
    assert moved_points(keypoints(head_alone(), region="pose")) == ALL


def test_the_originals_region_eyes_moves_no_eye_and_its_head_always_drifts() -> None:
    assert not moved_points(keypoints(face_alone(), region="eyes", original=True))
    assert moved_points(keypoints(head_alone(), region="eyes", original=True)) == ALL


def test_relative_motion_begins_at_the_portrait_itself() -> None:
    first = keypoints(lips="relative")[0]
    assert first == pytest.approx(SOURCE.keypoints[0], abs=1e-6)


def test_absolute_lips_are_the_motions_own() -> None:
    other = SourcePose(KP, SOURCE.motion.with_changes(exp=SOURCE.motion.exp + 0.3))
    settings_ = Retargeting()
    ours, others = (Retargeter(s, MOTION, settings_).keypoints(MOTION) for s in (SOURCE, other))
    lips = list(LIP_POINTS)
    assert ours[:, lips] == pytest.approx(others[:, lips], abs=1e-6)
    rest = sorted(ALL - set(lips))
    assert np.abs(ours[:, rest] - others[:, rest]).min() > 0.1


@settings(max_examples=20, deadline=None)
@given(multiplier=st.floats(0, 2))
def test_the_multiplier_scales_the_way_from_the_portrait(multiplier: float) -> None:
    whole = keypoints() - SOURCE.keypoints
    scaled = keypoints(multiplier=multiplier) - SOURCE.keypoints
    assert scaled == pytest.approx(multiplier * whole, abs=1e-5)


@pytest.mark.parametrize("options", [{}, {"driving_option": "expression-friendly"}, {"animal": True}])
def test_windows_give_the_same_keypoints_as_the_whole(options: dict[str, Any]) -> None:
    retargeter = Retargeter(SOURCE, MOTION, Retargeting(**options))
    parts = [retargeter.keypoints(MOTION[:2]), retargeter.keypoints(MOTION[2:])]
    assert np.array_equal(np.concatenate(parts), retargeter.keypoints(MOTION))


def test_expression_friendly_scales_by_the_faces_sizes_if_motion_is_relative() -> None:
    plain, friendly = (
        keypoints(lips="relative"),
        keypoints(lips="relative", driving_option="expression-friendly"),
    )
    # Frame 0 is the portrait itself, so both hulls are the same and the factor is 1.
    assert friendly == pytest.approx(plain, abs=1e-5)
    absolute, scaled = keypoints(), keypoints(driving_option="expression-friendly")
    assert np.abs(absolute - scaled).max() > 1e-3
    unscaled = keypoints(driving_option="expression-friendly", relative_motion=False)
    assert np.array_equal(unscaled, absolute)


def test_animals_have_relative_lips_and_keep_their_size() -> None:
    larger = MOTION.with_changes(scale=MOTION.scale * np.linspace(1, 2, 6, dtype=np.float32)[:, None])
    assert np.array_equal(keypoints(larger, animal=True), keypoints(MOTION, animal=True))
    assert keypoints(animal=True)[0] == pytest.approx(SOURCE.keypoints[0], abs=1e-5)
    assert moved_points(keypoints(animal=True, region="eyes")) == set(EYE_POINTS)
    assert moved_points(keypoints(animal=True, region="eyes", original=True)) == ALL


def test_the_size_ratio_is_the_root_of_the_volumes_and_one_for_flat_faces() -> None:
    assert size_ratio(KP * 4, KP) == pytest.approx(8)
    flat = KP * np.array([1, 1, 0], np.float32)
    assert size_ratio(flat, KP) == 1


def test_stitching_is_given_both_faces_and_adds_its_corrections() -> None:
    seen: list[np.ndarray] = []

    def network(pairs: np.ndarray) -> np.ndarray:
        seen.append(pairs)
        return np.concatenate([np.full((len(pairs), 63), 0.5), np.tile([1.0, 2.0], (len(pairs), 1))], axis=1)

    driving = keypoints()
    moved = stitched(SOURCE.keypoints, driving, network)
    assert moved - driving == pytest.approx(np.broadcast_to([1.5, 2.5, 0.5], (6, 21, 3)), abs=1e-6)
    assert seen[0].shape == (6, 126)
    assert seen[0].dtype == np.float32
    assert np.array_equal(seen[0][:, :63], np.repeat(SOURCE.keypoints.reshape(1, 63), 6, axis=0))
    assert np.array_equal(seen[0][:, 63:], driving.reshape(6, 63))


def test_closed_lips_are_left_alone_and_open_ones_get_an_offset() -> None:
    def network(condition: np.ndarray) -> np.ndarray:
        assert condition[0, 63:].tolist() == pytest.approx([0.2, 0])
        return np.full((1, 63), 0.25, np.float32)

    assert lip_closing(SOURCE, 0.02, network) is None
    offset = lip_closing(SOURCE, 0.2, network)
    assert offset is not None
    closed = Retargeter(SOURCE, MOTION, Retargeting(), lip_offset=offset).keypoints(MOTION)
    assert closed - keypoints() == pytest.approx(0.25, abs=1e-6)
