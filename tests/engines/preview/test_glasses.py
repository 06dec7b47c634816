"""Glasses are found, and emotions leave them rigid."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engines.emotion.shapes import NAMES, expression_of
from engines.preview.glasses import Glasses, glasses_of
from engines.preview.renderer import Renderer
from engines.preview.rig import Rig
from engines.preview.rigging import rig_of
from media.portrait import open_portrait
from tests.engines.preview.conftest import PORTRAITS

DARK, METAL = (30, 25, 25), (60, 50, 45)


@pytest.fixture(scope="module")
def admiral() -> Renderer:
    portrait = open_portrait(PORTRAITS / "admiral.jpg")
    return Renderer(portrait.image, rig_of(portrait))


def with_glasses(image: np.ndarray, rig: Rig, colour: tuple[int, int, int], thick: float) -> np.ndarray:
    """The portrait with round glasses drawn on it. thick: in distances between the eyes."""
    drawn = image.copy()
    left, right = (eye.frame.origin for eye in rig.eyes)
    across = right - left
    down, line = np.array([-across[1], across[0]]), max(1, round(thick * float(np.hypot(*across))))

    def pixels(point: np.ndarray) -> tuple[int, int]:
        return round(point[0]), round(point[1])

    size = float(np.hypot(*across))
    for middle in (left, right):
        axes = round(0.38 * size), round(0.34 * size)
        cv2.ellipse(drawn, pixels(middle + 0.1 * down), axes, 0, 0, 360, colour, line, cv2.LINE_AA)
    bridge = left + 0.36 * across, right - 0.36 * across
    cv2.line(drawn, pixels(bridge[0]), pixels(bridge[1]), colour, line, cv2.LINE_AA)
    return drawn


def rims(glasses: Glasses) -> np.ndarray:
    """(n, 2) pixels on the rims in front of the eyes."""
    before = np.abs(np.abs(glasses.x) - 0.5) < 0.2
    heights = np.concatenate([glasses.upper[before], glasses.lower[before]])
    return glasses.frame.to_picture(np.column_stack([np.tile(glasses.x[before], 2), heights]))


@pytest.mark.parametrize("name", ["astronaut.png", "drawing.jpg", "painting.jpg"])
def test_a_bare_face_has_none(name: str) -> None:
    portrait = open_portrait(PORTRAITS / name)
    assert glasses_of(portrait.image, rig_of(portrait).eyes) is None


@pytest.mark.parametrize(("colour", "thick"), [(DARK, 0.06), (METAL, 0.025)])
@pytest.mark.parametrize("name", ["drawing.jpg", "painting.jpg"])
def test_rims_are_followed_above_and_below_the_eyes(
    name: str, colour: tuple[int, int, int], thick: float
) -> None:
    portrait = open_portrait(PORTRAITS / name)
    rig = rig_of(portrait)
    glasses = glasses_of(with_glasses(portrait.image, rig, colour, thick), rig.eyes)
    assert glasses is not None
    for middle in (-0.5, 0.5):
        upper, lower = (np.interp(middle, glasses.x, rim) for rim in (glasses.upper, glasses.lower))
        assert -0.36 < upper < -0.16  # drawn at -0.24
        assert 0.36 < lower < 0.56  # drawn at 0.44


@pytest.mark.parametrize("emotion", NAMES[1:])
def test_no_emotion_moves_them(admiral: Renderer, emotion: str) -> None:
    glasses = glasses_of(admiral.image, admiral.rig.eyes)
    warp = admiral.face.warp(expression_of({emotion: 1.0}).shapes)
    assert glasses is not None
    assert warp is not None
    nodes = (rims(glasses) - admiral.head.region[:2] + 0.5) / admiral.head.cell - 0.5
    moves = cv2.remap(warp.backward, nodes[None].astype(np.float32), None, cv2.INTER_LINEAR)[0]
    assert np.abs(moves).max() < 0.02 * glasses.frame.unit
    assert np.abs(warp.backward).max() > 0.05 * glasses.frame.unit  # the face does move


def test_a_fringe_between_the_eyes_is_no_bridge() -> None:
    portrait = open_portrait(PORTRAITS / "painting.jpg")
    rig = rig_of(portrait)
    left, right = (eye.frame.origin for eye in rig.eyes)
    middle, size = (left + right) / 2, float(np.hypot(*(right - left)))
    fringed = portrait.image.copy()
    x0, x1 = (round(middle[0] + side * 0.2 * size) for side in (-1, 1))
    fringed[round(middle[1] - size) : round(middle[1]), x0:x1] = DARK
    assert glasses_of(fringed, rig.eyes) is None


def test_eyes_in_one_place_have_none(admiral: Renderer) -> None:
    eye = admiral.rig.eyes[0]
    assert glasses_of(admiral.image, (eye, eye)) is None
