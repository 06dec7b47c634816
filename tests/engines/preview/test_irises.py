from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engines.preview.doubled import DoubledPicture
from engines.preview.irises import MOST_X, Irises
from engines.preview.lids import lid_edges
from engines.preview.lips import MouthPose
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rig import EyeRig, Frame2D
from engines.preview.rigging import rig_of
from media.portrait import Portrait, open_portrait

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"
AS_IS = MouthPose(keep_gap=1.0)


def opening(eye: EyeRig, shape: tuple[int, ...], margin: float) -> np.ndarray:
    """(H, W) bool: the opening of an eye, larger by a margin in half eye widths."""
    ys, xs = np.mgrid[: shape[0], : shape[1]].astype(float)
    local = eye.frame.to_local(np.stack([xs, ys], axis=-1))
    upper, lower = (edge.reshape(xs.shape) for edge in lid_edges(eye, local[..., 0].ravel()))
    inside = (local[..., 1] > upper - margin) & (local[..., 1] < lower + margin)
    return inside & (np.abs(local[..., 0]) < 1 + margin)


def dark_middle(frame: np.ndarray, eye: EyeRig) -> float:
    """Mean u of the dark half of an eye's opening."""
    ys, xs = np.nonzero(opening(eye, frame.shape, -0.1))
    light = frame[ys, xs].astype(float).sum(axis=1)
    local = eye.frame.to_local(np.column_stack([xs, ys]).astype(float))
    return float(local[light < np.percentile(light, 40), 0].mean())


@pytest.mark.parametrize("name", ["astronaut.png", "drawing.jpg"])
def test_both_irises_go_where_the_gaze_says(name: str) -> None:
    portrait = open_portrait(PORTRAITS / name)
    renderer = Renderer(portrait.image, rig_of(portrait))
    left, rest, right = (renderer.render(Pose(AS_IS, gaze_x=x)) for x in (-1.0, 0.0, 1.0))
    assert np.array_equal(rest, portrait.image)
    for eye in renderer.rig.eyes:
        places = [dark_middle(frame, eye) for frame in (left, rest, right)]
        assert places[0] < places[1] - 0.12
        assert places[2] > places[1] + 0.12


def test_a_gaze_to_the_side_changes_only_the_openings_of_the_eyes(
    renderer: Renderer, astronaut: Portrait
) -> None:
    changed = (renderer.render(Pose(AS_IS, gaze_x=0.8)) != astronaut.image).any(axis=2)
    eyes = np.logical_or.reduce([opening(eye, changed.shape, 0.2) for eye in renderer.rig.eyes])
    assert changed.any()
    assert not (changed & ~eyes).any()


def test_lids_follow_a_gaze_down_and_up(renderer: Renderer, astronaut: Portrait) -> None:
    def skin_above(gaze_y: float) -> float:
        frame = renderer.render(Pose(gaze_y=gaze_y)).astype(float)
        eye = renderer.rig.eyes[0]
        v = float(eye.upper[:, 1].min())
        spot = eye.frame.to_picture(np.array([[u, v + 0.15] for u in np.linspace(-0.3, 0.3, 7)]))
        xs, ys = np.rint(spot).astype(int).T
        return float(np.abs(frame[ys, xs] - astronaut.image[ys, xs]).mean())

    assert skin_above(-1.0) > 8
    assert skin_above(1.0) > 2


def test_a_closed_eye_is_the_same_wherever_it_looks(renderer: Renderer) -> None:
    plain = renderer.render(Pose(blinks=(1.0, 1.0))).astype(int)
    aside = renderer.render(Pose(blinks=(1.0, 1.0), gaze_x=1.0)).astype(int)
    # The lashes that the lid brings down begin at the eye's very edge.
    eyes = np.logical_or.reduce([opening(eye, plain.shape[:2], 0.0) for eye in renderer.rig.eyes])
    assert (np.abs(plain - aside).max(axis=2) > 24).sum() < 0.08 * eyes.sum()


def test_the_next_gaze_knows_nothing_of_the_one_before(renderer: Renderer) -> None:
    once = renderer.render(Pose(gaze_x=0.4))
    renderer.render(Pose(gaze_x=-0.9, gaze_y=0.5))
    assert np.array_equal(once, renderer.render(Pose(gaze_x=0.4)))


def test_a_gaze_moves_without_a_jump(renderer: Renderer) -> None:
    shares = np.linspace(-0.05, 0.05, 11)
    frames = [renderer.render(Pose(gaze_x=float(x), gaze_y=float(x))).astype(int) for x in shares]
    assert max(int(np.abs(b - a).max()) for a, b in pairwise(frames)) < 45


@pytest.mark.parametrize("name", ["statue.jpg", "admiral.jpg"])
def test_eyes_without_a_white_stay_as_they_are(name: str) -> None:
    portrait = open_portrait(PORTRAITS / name)
    renderer = Renderer(portrait.image, rig_of(portrait))
    assert not renderer.irises.movable
    assert np.array_equal(renderer.render(Pose(AS_IS, gaze_x=1.0, gaze_y=-1.0)), portrait.image)


def test_the_iris_stays_between_the_corners(renderer: Renderer) -> None:
    for eye in renderer.rig.eyes:
        assert eye.iris is not None
        way = 2.05 * eye.iris[2] * np.sin(np.radians(MOST_X))
        assert renderer.irises.movable
        assert way > 0.2, "a gaze of 1 is seen"
    outermost = [renderer.render(Pose(gaze_x=x)) for x in (-1.0, 1.0)]
    corners = [eye.frame.to_picture(np.array([[u, 0.0]]))[0] for eye in renderer.rig.eyes for u in (-1, 1)]
    for frame in outermost:
        for x, y in np.rint(corners).astype(int):
            assert np.abs(frame[y, x].astype(int) - renderer.image[y, x]).max() < 12


@pytest.mark.parametrize("beyond", [-0.6, 0.0, 0.6, 2.5])
def test_an_eye_that_is_not_wholly_in_the_picture_stays_as_it_is(renderer: Renderer, beyond: float) -> None:
    """beyond: half eye widths from the eye's middle to where the picture begins."""
    first = min(renderer.rig.eyes, key=lambda eye: eye.frame.origin[0])
    cut = int(first.frame.origin[0] + beyond * first.frame.unit)
    image = np.ascontiguousarray(renderer.image[:, cut:])
    eyes = tuple(
        replace(eye, frame=Frame2D(eye.frame.origin - np.array([cut, 0]), eye.frame.axis, eye.frame.unit))
        for eye in renderer.rig.eyes
    )
    picture = DoubledPicture(image, (0, 0, image.shape[1], image.shape[0]), 0)
    irises = Irises(picture, eyes)
    assert not irises.movable
    assert irises.turn(1.0, -1.0) == 0
    whole = 0, 0, *picture.size
    assert np.array_equal(picture.part(whole)[::2, ::2], image)


def test_a_gaze_makes_nothing_lighter_than_the_eye_is() -> None:
    portrait = open_portrait(PORTRAITS / "drawing.jpg")
    rig = rig_of(portrait)
    picture = DoubledPicture(portrait.image, (0, 0, portrait.width, portrait.height), 0)
    irises = Irises(picture, rig.eyes)
    own = picture.part((0, 0, *picture.size))[::2, ::2].copy()
    for eye in rig.eyes:
        inside = opening(eye, own.shape[:2], 0.1)
        for gaze in ((0.1, 0.0), (0.0, 0.3), (-0.5, 0.0), (0.0, 1.0)):
            irises.turn(*gaze)
            painted = picture.part((0, 0, *picture.size))[::2, ::2]
            assert painted[inside].max() <= own[inside].max() + 1
