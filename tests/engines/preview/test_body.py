from __future__ import annotations

import numpy as np
import pytest

from engines.preview.body import BodyMask, body_of
from engines.preview.breath import SECONDS, Breath
from engines.preview.head import HeadPose
from engines.preview.lips import MouthPose
from engines.preview.motion import HeadMovement
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rigging import rig_of
from media.errors import JoyStudioError
from media.portrait import Portrait

AS_IS = MouthPose(keep_gap=1.0)
IN = Pose(AS_IS, HeadPose(breath=1.0))


@pytest.fixture(scope="module")
def body(astronaut: Portrait) -> BodyMask:
    found = body_of(astronaut)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def breathing(astronaut: Portrait, body: BodyMask) -> Renderer:
    return Renderer(astronaut.image, rig_of(astronaut), body)


def person(body: BodyMask, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) float32: where the segmentation sees someone, in the picture's size."""
    rows = (np.arange(shape[0]) + 0.5) * body.mask.shape[0] / shape[0]
    columns = (np.arange(shape[1]) + 0.5) * body.mask.shape[1] / shape[1]
    return body.mask[rows.astype(int)[:, None], columns.astype(int)]


def test_a_breath_lifts_the_shoulders_and_leaves_the_face(breathing: Renderer, astronaut: Portrait) -> None:
    changed = (breathing.render(IN) != astronaut.image).any(axis=2)
    frame = breathing.rig.head.frame
    middle, chin = frame.to_picture(np.array([[0.0, 0.0], [0.0, 0.5]]))
    assert not changed[: int(middle[1])].any()
    shoulders = changed[int(chin[1] + 0.25 * frame.unit) : int(chin[1] + 0.4 * frame.unit)]
    assert shoulders.mean() > 0.1


def test_the_background_is_never_touched(breathing: Renderer, astronaut: Portrait, body: BodyMask) -> None:
    """But for a narrow band around the outline, which has to give way."""
    cell = breathing.head.cell
    near = person(body, astronaut.image.shape) > 0.05
    for _ in range(3 * cell):
        near[1:] |= near[:-1]
        near[:-1] |= near[1:]
        near[:, 1:] |= near[:, :-1]
        near[:, :-1] |= near[:, 1:]
    poses = (IN, Pose(AS_IS, HeadPose(breath=1.6, sway=0.012)), Pose(AS_IS, HeadPose(sway=-0.012)))
    for pose in poses:
        changed = (breathing.render(pose) != astronaut.image).any(axis=2)
        assert changed.any()
        assert not (changed & ~near).any()
        assert not (changed & ~breathing.influence).any()


def test_a_body_at_rest_is_the_portraits_bit_for_bit(breathing: Renderer, astronaut: Portrait) -> None:
    breathing.render(IN)
    assert np.array_equal(breathing.render(Pose(AS_IS)), astronaut.image)


def test_the_part_is_that_of_the_frame_in_every_order(breathing: Renderer) -> None:
    x0, y0, x1, y1 = breathing.box
    for pose in (IN, Pose(AS_IS, HeadPose(yaw=3.0, breath=0.5)), IN):
        assert np.array_equal(breathing.render_part(pose), breathing.render(pose)[y0:y1, x0:x1])


def test_without_a_segmentation_only_the_head_moves(astronaut: Portrait) -> None:
    class SilentSegmenter:
        def mask(self, image: np.ndarray) -> np.ndarray:
            raise JoyStudioError("It cannot start.")

    assert body_of(astronaut, SilentSegmenter()) is None
    renderer = Renderer(astronaut.image, rig_of(astronaut))
    assert np.array_equal(renderer.render(IN), astronaut.image)


def test_another_persons_shoulders_stay(astronaut: Portrait, body: BodyMask) -> None:
    """Everybody is one mask; what is nearer to another face is not this one's."""
    frame = rig_of(astronaut).head.frame
    beside = frame.to_picture(np.array([[1.2, 0.0]]))
    shared = Renderer(astronaut.image, rig_of(astronaut), BodyMask(np.ones_like(body.mask), beside))
    changed = (shared.render(IN) != astronaut.image).any(axis=2)
    assert changed.any()
    assert not changed[:, int(frame.origin[0] + 0.6 * frame.unit) :].any()


def test_breaths_differ_and_follow_each_other_smoothly() -> None:
    breath = Breath(25, np.random.default_rng(0))
    air = np.array([breath.step() for _ in range(25 * 60)])
    assert air.min() >= 0.0
    rests = int(((air[1:-1] < air[:-2]) & (air[1:-1] <= air[2:])).sum())
    assert abs(rests - 60 / SECONDS) < 5
    assert np.abs(np.diff(air, 2)).max() < 0.06


def test_shoulders_follow_the_head_and_a_breathing_of_0_holds_them() -> None:
    quiet = np.zeros((500, 4), np.float32), np.zeros((500, 7), np.float32)
    rows = HeadMovement(25, np.random.default_rng(1)).step(*quiet)
    assert rows[:, 11].max() > 0.5
    assert 0.0 < np.abs(rows[:, 12]).max() < 0.02
    held = HeadMovement(25, np.random.default_rng(1), breathing=0.0).step(*quiet)
    assert (held[:, 11:13] == 0).all()
