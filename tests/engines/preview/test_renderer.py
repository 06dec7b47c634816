"""What a viewer expects: the image stays the same, lips meet and part, lids close, nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.head import HeadPose
from engines.preview.lips import MouthPose
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rigging import rig_of
from media.faces import default_detector
from media.portrait import Portrait, open_portrait
from tests.engines.preview.conftest import PORTRAITS

UNIT = st.floats(0.0, 1.0)
ANGLE = st.floats(-5.0, 5.0)
MOUTHS = st.builds(
    MouthPose,
    drop=st.floats(0.0, 2.0),
    keep_gap=UNIT,
    press=UNIT,
    rounding=UNIT,
    spreading=UNIT,
    lip_teeth=UNIT,
    smile=st.floats(-1.0, 1.0),
)
HEADS = st.builds(HeadPose, ANGLE, ANGLE, ANGLE, st.floats(-0.03, 0.03), st.floats(-0.03, 0.03))
POSES = st.builds(Pose, MOUTHS, HEADS, st.tuples(UNIT, UNIT), st.floats(-1.0, 1.0))


def mesh(image: np.ndarray) -> np.ndarray:
    return default_detector().detect(image)[0].landmarks


def lip_gap(image: np.ndarray) -> float:
    """Inner lips' distance in mouth widths, as a face mesh sees it."""
    points = mesh(image)
    return float(np.linalg.norm(points[14] - points[13]) / np.linalg.norm(points[291] - points[61]))


def eye_opening(image: np.ndarray) -> float:
    points = mesh(image)
    return float(np.linalg.norm(points[159] - points[145]) / np.linalg.norm(points[33] - points[133]))


def test_a_pose_that_keeps_the_portrait_gives_it_back_bit_for_bit(renderer: Renderer) -> None:
    frame = renderer.render(Pose(mouth=MouthPose(keep_gap=1.0)))
    assert np.array_equal(frame, renderer.image)


@settings(max_examples=30, deadline=None)
@given(POSES)
def test_the_part_that_moves_is_that_of_the_whole_frame_bit_for_bit(renderer: Renderer, pose: Pose) -> None:
    x0, y0, x1, y1 = renderer.box
    whole = renderer.image.copy()
    whole[y0:y1, x0:x1] = renderer.render_part(pose)
    assert np.array_equal(whole, renderer.render(pose))


@settings(max_examples=30, deadline=None)
@given(POSES)
def test_nothing_moves_outside_the_influence_map(renderer: Renderer, pose: Pose) -> None:
    frame = renderer.render(pose)
    still = ~renderer.influence
    assert frame.dtype == np.uint8
    assert np.array_equal(frame[still], renderer.image[still])


def test_the_influence_map_leaves_shoulders_and_most_of_the_background(renderer: Renderer) -> None:
    influence = renderer.influence
    assert 0.05 < influence.mean() < 0.35
    assert not influence[300:].any()  # everything below the collar


def test_rendering_keeps_no_memory_of_earlier_frames(renderer: Renderer) -> None:
    pose = Pose(MouthPose(drop=0.4), HeadPose(2, 1, -1), (0.5, 0.5), 0.3)
    first = renderer.render(pose)
    renderer.render(Pose(MouthPose(drop=1.0), HeadPose(-4, 3, 2), (1.0, 1.0), -1.0))
    assert np.array_equal(renderer.render(pose), first)


def test_a_given_array_is_filled(renderer: Renderer) -> None:
    out = np.zeros_like(renderer.image)
    assert renderer.render(Pose(), out) is out
    assert np.array_equal(out, renderer.render(Pose()))


@pytest.mark.parametrize("name", ["astronaut.png", "drawing.jpg", "painting.jpg"])
def test_smiling_lips_meet_at_rest_and_part_with_the_jaw(name: str) -> None:
    portrait = open_portrait(PORTRAITS / name)
    renderer = Renderer(portrait.image, rig_of(portrait))
    gaps = [lip_gap(renderer.render(Pose(MouthPose(drop=drop)))) for drop in (0.0, 0.4, 0.8)]
    assert lip_gap(portrait.image) > 0.08
    assert gaps[0] < 0.05  # closed lips of photographs read 0.025, of a drawing 0.04
    assert gaps[0] + 0.05 < gaps[1] < gaps[2] - 0.05


def test_lips_pressed_or_rounded_or_spread_have_the_width_that_belongs_to_it(renderer: Renderer) -> None:
    def width(mouth: MouthPose) -> float:
        points = mesh(renderer.render(Pose(mouth)))
        return float(np.linalg.norm(points[291] - points[61]) / np.linalg.norm(points[454] - points[234]))

    rest = width(MouthPose(drop=0.2))
    assert width(MouthPose(drop=0.2, rounding=1.0)) < 0.88 * rest
    assert width(MouthPose(drop=0.2, spreading=1.0)) > 1.03 * rest


def test_a_raised_tongue_is_seen_between_the_lips_and_nowhere_else(renderer: Renderer) -> None:
    low, high = (
        renderer.render(Pose(MouthPose(drop=0.5, tongue=tongue))).astype(int) for tongue in (0.0, 1.0)
    )
    changed = np.abs(high - low).max(axis=2) > 0
    inside = np.zeros(changed.shape, np.uint8)
    lips = mesh(low.astype(np.uint8))[[61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91], :2]
    cv2.fillPoly(inside, [np.rint(lips).astype(np.int32)], 1)
    assert changed.sum() > 10
    assert not changed[inside == 0].any()
    assert (high - low)[changed].mean() > 10  # flesh in the light instead of the dark behind it
    shut, raised = (renderer.render(Pose(MouthPose(tongue=tongue))) for tongue in (0.0, 1.0))
    assert np.array_equal(shut, raised)


def test_the_upper_lip_and_the_nose_hold_still_while_the_chin_drops(renderer: Renderer) -> None:
    closed, wide = (mesh(renderer.render(Pose(MouthPose(drop=d)))) for d in (0.0, 1.0))
    mouth = np.linalg.norm(closed[291] - closed[61])
    chin, nose = (float(wide[i, 1] - closed[i, 1]) / mouth for i in (152, 1))
    assert chin > 0.12
    assert abs(nose) < 0.06


def test_eyes_close_and_what_closes_them_is_skin(renderer: Renderer, astronaut: Portrait) -> None:
    closed = renderer.render(Pose(MouthPose(keep_gap=1.0), blinks=(1.0, 1.0)))
    assert eye_opening(closed) < 0.45 * eye_opening(astronaut.image)
    for eye in renderer.rig.eyes:
        x, y = np.rint(eye.frame.to_picture(np.array([0.0, 0.0]))).astype(int)
        ball, lid = (image[y - 1 : y + 1, x - 1 : x + 2].mean() for image in (astronaut.image, closed))
        assert lid > 1.25 * ball  # her iris is dark, her lid is not


def test_one_eye_can_close_alone(renderer: Renderer) -> None:
    frame = renderer.render(Pose(MouthPose(keep_gap=1.0), blinks=(1.0, 0.0)))
    changed = np.flatnonzero((frame != renderer.image).any(axis=(0, 2)))
    left, right = (eye.frame.origin[0] for eye in renderer.rig.eyes)
    assert changed.max() < right - 5
    assert changed.min() < left


def test_the_head_turns_where_it_should(renderer: Renderer) -> None:
    still = MouthPose(keep_gap=1.0)
    nose = mesh(renderer.render(Pose(still)))[1]
    turned = mesh(renderer.render(Pose(still, HeadPose(yaw=4.0))))[1]
    nodded = mesh(renderer.render(Pose(still, HeadPose(pitch=3.0))))[1]
    assert turned[0] > nose[0] + 0.8
    assert nodded[1] > nose[1] + 0.6


def test_motion_is_smooth_from_frame_to_frame(renderer: Renderer) -> None:
    """A step of a hundredth of a degree changes no pixel by more than a shimmer."""
    base = Pose(MouthPose(drop=0.3), HeadPose(1.0, 0.5, 0.2))
    near = replace(base, head=HeadPose(1.01, 0.5, 0.2))
    step = np.abs(renderer.render(base).astype(int) - renderer.render(near).astype(int))
    assert step.max() <= 24
    assert step.mean() < 0.1


@pytest.mark.parametrize("side", [64, 96, 320])
def test_small_and_grey_pictures_are_painted_too(astronaut: Portrait, side: int) -> None:
    crop = astronaut.image[0:240, 110:350]
    grey = cv2.cvtColor(cv2.cvtColor(cv2.resize(crop, (side, side)), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    portrait = open_portrait(np.ascontiguousarray(grey))
    frame = Renderer(portrait.image, rig_of(portrait)).render(Pose(MouthPose(drop=0.8), blinks=(0.5, 0.5)))
    spread = frame.max(axis=2).astype(int) - frame.min(axis=2)
    assert frame.shape == portrait.image.shape
    assert spread.max() <= 12  # a grey portrait gets a grey mouth


def test_a_head_that_fills_the_picture_does_not_tear_its_border(astronaut: Portrait) -> None:
    tight = open_portrait(np.ascontiguousarray(astronaut.image[60:200, 155:295]))
    renderer = Renderer(tight.image, rig_of(tight))
    frame = renderer.render(Pose(MouthPose(keep_gap=1.0), HeadPose(4, 3, 2)))
    rim = np.ones(frame.shape[:2], bool)
    rim[2:-2, 2:-2] = False
    assert np.array_equal(frame[rim], tight.image[rim])
