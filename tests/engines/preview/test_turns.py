from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from engines.preview.body import RISES, BodyMask
from engines.preview.head import FURTHEST_TURN, HeadField, HeadPose
from engines.preview.landmarks import JAW_LINE
from engines.preview.lips import MouthPose
from engines.preview.motion import HeadMovement
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rig import Frame2D, HeadRig
from engines.preview.rigging import rig_of
from media.portrait import Portrait

AS_IS = MouthPose(keep_gap=1.0)


@pytest.fixture(scope="module")
def head(astronaut: Portrait) -> HeadRig:
    return rig_of(astronaut).head


@pytest.fixture(scope="module")
def field(astronaut: Portrait, head: HeadRig) -> HeadField:
    return HeadField(head, astronaut.width, astronaut.height)


@pytest.mark.parametrize(("yaw", "pitch"), [*product((-FURTHEST_TURN, 0.0, FURTHEST_TURN), repeat=2)])
def test_no_turn_folds_or_tears_the_picture(field: HeadField, yaw: float, pitch: float) -> None:
    """Where a step to the side in the frame goes back in the portrait, there would be a hole."""
    moved = field.displacement(HeadPose(yaw=yaw, pitch=pitch))
    across = 1 + np.diff(moved[..., 0], axis=1) / field.cell
    down = 1 + np.diff(moved[..., 1], axis=0) / field.cell
    assert min(across.min(), down.min()) > 0.1
    assert max(across.max(), down.max()) < 4.0


def least_area(field: HeadField, pose: HeadPose) -> float:
    """What the pose, as it is painted, leaves of the area of a cell, at least; below 0, the picture folds."""
    moved = field.displacement(field.settled(pose)) / field.cell
    across, down = np.diff(moved, axis=1)[:-1], np.diff(moved, axis=0)[:, :-1]
    areas = (1 + across[..., 0]) * (1 + down[..., 1]) - down[..., 0] * across[..., 1]
    return float(areas.min())


def test_a_turn_and_a_nod_at_once_fold_nothing(field: HeadField) -> None:
    far = (-FURTHEST_TURN, -15.0, -8.0, 8.0, 15.0, FURTHEST_TURN)
    for yaw, pitch, roll in product(far, far, (-5.0, 0.0, 5.0)):
        assert least_area(field, HeadPose(yaw=yaw, pitch=pitch, roll=roll)) > 0.05, (yaw, pitch, roll)
    # What is made smaller keeps its direction, and nothing jumps on the way.
    ways = [field.settled(HeadPose(yaw=yaw, pitch=-15.0)) for yaw in np.arange(0.0, -15.1, -0.25)]
    turned = np.array([(pose.yaw, pose.pitch) for pose in ways])
    assert np.abs(np.diff(turned, axis=0)).max() < 0.5
    assert turned[-1] == pytest.approx(turned[-1, 0], abs=0.01)
    assert -15.0 < turned[-1, 0] < -11.0
    alone, small = HeadPose(yaw=-15.0), HeadPose(yaw=-8.0, pitch=-8.0)
    assert (field.settled(alone), field.settled(small)) == (alone, small)


def test_a_head_at_the_border_turns_as_far_as_nothing_folds(field: HeadField, head: HeadRig) -> None:
    x0, y0 = (head.frame.origin - [0.55 * head.frame.unit, 0.7 * head.frame.unit]).astype(int)
    frame = Frame2D(head.frame.origin - [x0, y0], head.frame.axis, head.frame.unit)
    moved = replace(head, frame=frame, pivot=head.pivot - [x0, y0], depth=head.depth - [x0, y0, 0])
    close = HeadField(moved, int(1.1 * head.frame.unit), int(1.3 * head.frame.unit))
    assert min(close.furthest) < FURTHEST_TURN
    for yaw, pitch in ((-17.0, 0.0), (17.0, 0.0), (0.0, -17.0), (0.0, 17.0)):
        assert least_area(close, HeadPose(yaw=yaw, pitch=pitch)) > 0.1
    assert field.furthest == (FURTHEST_TURN,) * 4


def test_a_large_body_breathes_in_steps_below_half_a_pixel(head: HeadRig) -> None:
    scaled = Frame2D(5 * head.frame.origin, head.frame.axis, 5 * head.frame.unit)
    large = replace(
        head, frame=scaled, pivot=5 * head.pivot, half_width=5 * head.half_width, depth=5 * head.depth
    )
    body = BodyMask(np.ones((64, 64), np.float32), np.zeros((0, 2)))
    field = HeadField(large, 2560, 2560, body)
    breaths = {field.settled(HeadPose(breath=breath)).breath for breath in np.linspace(0.0, 1.0, 400)}
    steps = np.diff(sorted(breaths)) * RISES * scaled.unit
    assert 0.1 < steps.max() < 0.5


@pytest.mark.parametrize("yaw", [-12.0, 12.0])
def test_a_turned_jaw_is_where_the_turned_mesh_has_it(
    astronaut: Portrait, field: HeadField, head: HeadRig, yaw: float
) -> None:
    assert astronaut.face is not None
    mesh = astronaut.face.landmarks[list(JAW_LINE)].astype(float)
    width = float(np.hypot(*(mesh[-1] - mesh[0])[:2]))
    moved = field.displacement(HeadPose(yaw=yaw))
    left, top = field.region[:2]
    goes = mesh[:, :2].copy()
    for _ in range(20):  # the field looks backwards
        column, row = ((goes - [left, top] + 0.5) / field.cell - 0.5).T
        goes = mesh[:, :2] - moved[np.rint(row).astype(int), np.rint(column).astype(int)]
    ears = max(mesh[0, 2], mesh[-1, 2])
    angle = np.radians(yaw)
    across = (mesh[:, :2] - head.pivot) @ head.frame.axis
    turned = across * (np.cos(angle) - 1.0) + (ears - mesh[:, 2]) * np.sin(angle)
    expected = mesh[:, :2] + turned[:, None] * head.frame.axis
    errors = np.hypot(*(goes - expected).T) / width
    assert errors.mean() < 0.01
    assert errors.max() < 0.05


def test_eyes_close_on_a_turned_head(renderer: Renderer) -> None:
    for yaw in (-15.0, 15.0):
        opened = renderer.render(Pose(AS_IS, HeadPose(yaw=yaw))).astype(int)
        closed = renderer.render(Pose(AS_IS, HeadPose(yaw=yaw), blinks=(1.0, 1.0))).astype(int)
        changed = np.flatnonzero((np.abs(opened - closed).max(axis=2) > 40).any(axis=0))
        distance = np.hypot(*(renderer.rig.eyes[1].frame.origin - renderer.rig.eyes[0].frame.origin))
        assert changed[-1] - changed[0] > distance


def test_a_head_turns_no_further_than_the_picture_can_show(renderer: Renderer) -> None:
    far, furthest = (renderer.render(Pose(AS_IS, HeadPose(yaw=yaw))) for yaw in (60.0, FURTHEST_TURN))
    assert np.array_equal(far, furthest)


def test_a_turned_head_moves_about_its_turn_and_looks_at_the_viewer() -> None:
    quiet = np.zeros((250, 4), np.float32), np.zeros((250, 7), np.float32)
    plain = HeadMovement(25, np.random.default_rng(1)).step(*quiet)
    turned = HeadMovement(25, np.random.default_rng(1), head_yaw=10.0, head_pitch=5.0).step(*quiet)
    np.testing.assert_allclose(turned[:, 0] - plain[:, 0], 10.0, atol=1e-4)
    np.testing.assert_allclose(turned[:, 1] - plain[:, 1], -5.0, atol=1e-4)
    assert turned[:, 9].mean() < plain[:, 9].mean() - 0.2
