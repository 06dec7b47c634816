"""Emotions open and narrow the eyes, and leave what is behind the lids as it is."""

from __future__ import annotations

from itertools import pairwise, product

import cv2
import numpy as np
import pytest

from engines.emotion.shapes import expression_of
from engines.preview.expressed import expressed
from engines.preview.pose import Pose
from engines.preview.renderer import Renderer
from engines.preview.rig import EyeRig
from engines.preview.rigging import rig_of
from media.portrait import open_portrait
from tests.engines.preview.conftest import PORTRAITS

ENLARGED = 4
WIDER, HIGHER = np.arange(0.94, 1.07, 0.02), np.arange(0.90, 1.31, 0.02)


def shown(renderer: Renderer, pose: Pose, **strengths: float) -> np.ndarray:
    return renderer.render(expressed(pose, expression_of(strengths)))


def piece(frame: np.ndarray, eye: EyeRig, margin: float) -> np.ndarray:
    """The middle and the lower part of an iris, in grey and enlarged. margin: around it, in its radii."""
    assert eye.iris is not None
    x, y = eye.frame.to_picture(eye.iris[:2])
    radius = float(eye.iris[2]) * eye.frame.unit
    size = round(2 * ENLARGED * (0.9 + margin) * radius), round(ENLARGED * (0.95 + 2 * margin) * radius)
    places = np.array(
        [[1 / ENLARGED, 0, x - (0.9 + margin) * radius], [0, 1 / ENLARGED, y - (0.15 + margin) * radius]]
    )
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return cv2.warpAffine(grey, places, size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)


def aspect(before: np.ndarray, after: np.ndarray, eye: EyeRig) -> float:
    """How much higher, in widths, an iris is shown after than before: of the stretches of it, the one that
    looks most like what is shown.
    """
    known, around = piece(before, eye, 0.0), piece(after, eye, 0.5)

    def alike(stretch: tuple[float, float]) -> float:
        stretched = cv2.resize(known, None, fx=stretch[0], fy=stretch[1], interpolation=cv2.INTER_AREA)
        return float(cv2.matchTemplate(around, stretched, cv2.TM_CCOEFF_NORMED).max())

    wide, high = max(product(WIDER, HIGHER), key=alike)
    return float(high / wide)


@pytest.mark.parametrize("name", ["admiral.jpg", "astronaut.png", "drawing.jpg", "painting.jpg"])
def test_irises_stay_round(name: str) -> None:
    portrait = open_portrait(PORTRAITS / name)
    renderer = Renderer(portrait.image, rig_of(portrait))
    neutral = shown(renderer, Pose())
    wide = [shown(renderer, Pose(), **{emotion: 1.0}) for emotion in ("surprised", "afraid")]
    aspects = [aspect(neutral, frame, eye) for frame, eye in product(wide, renderer.rig.eyes)]
    assert np.mean(aspects) == pytest.approx(1.0, abs=0.05)


def test_lids_rise_from_them_in_surprise(renderer: Renderer) -> None:
    warp = renderer.face.warp(expression_of({"surprised": 1.0}).shapes)
    assert warp is not None
    for eye in renderer.rig.eyes:
        places = eye.frame.to_picture(np.array([[[0.0, float(eye.upper[:, 1].min())]]]))
        assert warp.way(places)[0, 0, 1] < -0.08 * eye.frame.unit


def test_eyes_come_and_go_with_an_emotion_without_a_jump(renderer: Renderer) -> None:
    before = shown(renderer, Pose(gaze_x=0.3))
    strengths = np.linspace(0.0, 0.1, 9)
    frames = [shown(renderer, Pose(gaze_x=0.3), surprised=float(s)).astype(int) for s in strengths]
    assert np.array_equal(frames[0], before)
    assert max(int(np.abs(b - a).max()) for a, b in pairwise(frames)) < 40
    assert np.array_equal(shown(renderer, Pose(gaze_x=0.3)), before)
