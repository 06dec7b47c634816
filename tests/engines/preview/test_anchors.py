"""Animals: three points are enough, eyes are found around them, and a muzzle opens."""

from __future__ import annotations

import numpy as np
import pytest

from engines.preview.anchors import EYE_HALF_WIDTH, rig_from_anchors
from engines.preview.head import HeadPose
from engines.preview.lips import MouthPose
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rigging import rig_of
from media.portrait import Anchors, open_portrait
from tests.engines.preview.conftest import PORTRAITS

LEFT, RIGHT, MOUTH = (172.0, 116.0), (322.0, 134.0), (255.0, 272.0)


@pytest.fixture(scope="module")
def cat() -> Renderer:
    portrait = open_portrait(PORTRAITS / "cat.png", subject="animal", anchors=Anchors(LEFT, RIGHT, MOUTH))
    return Renderer(portrait.image, rig_of(portrait))


def test_eyes_are_as_large_as_they_are_in_the_picture(cat: Renderer) -> None:
    """The near eye of the cat is about 80 pixels wide, the far one about 52."""
    near, far = (eye.frame.unit for eye in cat.rig.eyes)
    assert 30 < near < 48
    assert 18 < far < 34


def test_an_eye_that_cannot_be_found_has_a_usual_size(noise: np.ndarray) -> None:
    flat = np.full_like(noise, 128)
    rig = rig_from_anchors(flat, (150, 150), (250, 150), (200, 260))
    assert [eye.frame.unit for eye in rig.eyes] == pytest.approx([EYE_HALF_WIDTH * 100] * 2)


def test_points_given_the_other_way_round_make_the_same_rig(noise: np.ndarray) -> None:
    one = rig_from_anchors(noise, (150, 150), (250, 160), (200, 260))
    other = rig_from_anchors(noise, (250, 160), (150, 150), (200, 260))
    assert np.allclose(one.mouth.frame.axis, other.mouth.frame.axis)
    assert np.allclose(one.eyes[0].frame.origin, other.eyes[0].frame.origin)


def test_a_tilted_head_is_rigged_along_its_tilt(noise: np.ndarray) -> None:
    rig = rig_from_anchors(noise, (150, 200), (250, 100), (260, 260))
    assert rig.mouth.frame.axis == pytest.approx(np.array([1, -1]) / np.sqrt(2))


def test_the_muzzle_opens_at_the_mouth_and_the_eyes_stay(cat: Renderer) -> None:
    closed, open_ = (cat.render(Pose(MouthPose(drop=drop))) for drop in (0.0, 0.8))
    changed = np.abs(open_.astype(int) - closed.astype(int)).max(axis=2) > 8
    rows, columns = np.nonzero(changed)
    assert changed.sum() > 200
    assert abs(np.median(columns) - MOUTH[0]) < 30
    assert rows.min() > max(LEFT[1], RIGHT[1]) + 20
    x, y = int(MOUTH[0]), int(MOUTH[1]) + 4
    assert open_[y - 2 : y + 3, x - 4 : x + 5].mean() < 0.6 * closed[y - 2 : y + 3, x - 4 : x + 5].mean()


def test_round_eyes_close(cat: Renderer) -> None:
    """Green goes, fur comes."""
    frame = cat.render(Pose(blinks=(1.0, 1.0)))
    x, y = np.rint(cat.rig.eyes[0].frame.origin).astype(int)
    iris = cat.image[y - 12 : y + 8, x - 12 : x + 12].astype(int)
    lid = frame[y - 12 : y + 8, x - 12 : x + 12].astype(int)
    assert (iris[..., 1] - iris[..., 0]).mean() > (lid[..., 1] - lid[..., 0]).mean() + 8


def test_points_at_the_border_are_no_reason_to_fail(noise: np.ndarray) -> None:
    rig = rig_from_anchors(noise, (2, 2), (397, 3), (200, 398))
    renderer = Renderer(noise, rig)
    frame = renderer.render(Pose(MouthPose(drop=1.0), HeadPose(4, 3, 2), (1.0, 1.0), 1.0))
    assert frame.shape == noise.shape


def test_the_same_portrait_gives_the_same_rig(noise: np.ndarray) -> None:
    rigs = [rig_from_anchors(noise, (150, 150), (250, 160), (200, 260)) for _ in range(2)]
    assert rigs[0].eyes[0].frame.unit == rigs[1].eyes[0].frame.unit
    assert np.array_equal(rigs[0].head.depth, rigs[1].head.depth)
