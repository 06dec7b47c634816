"""Emotions on generated motion: offsets that ease in, and none where there is no emotion."""

from __future__ import annotations

import numpy as np
import pytest

from engines.emotion.shapes import NAMES, NO_EXPRESSION, Expression, expression_of
from engines.joyvasa.motion.driving import emotion_of, emotion_strengths
from engines.joyvasa.motion.emotion import with_emotion
from engines.joyvasa.options import JoyVasaOptions
from tests.engines.joyvasa.test_edits import motion

X, Y = 0, 1


def moved(expression: Expression) -> np.ndarray:
    """(21, 3): what an expression adds to one frame."""
    still = motion(1)
    return (with_emotion(still, [expression]).exp - still.exp)[0]


def of(**strengths: float) -> Expression:
    return expression_of(strengths)


def test_without_an_emotion_the_motion_is_the_very_same() -> None:
    still = motion(3)
    assert with_emotion(still, [NO_EXPRESSION] * 3) is still


@pytest.mark.parametrize("name", NAMES[1:])
def test_every_emotion_moves_the_face_and_leaves_the_head(name: str) -> None:
    still = motion(1)
    after = with_emotion(still, [of(**{name: 1.0})])
    assert np.abs(after.exp - still.exp).max() > 0.004
    assert after.exp.dtype == np.float32
    assert all(np.array_equal(getattr(after, n), getattr(still, n)) for n in ("t", "pitch", "yaw", "roll"))


def test_emotions_move_keypoints_as_the_sliders_of_the_original_do() -> None:
    assert moved(of(happy=1.0))[14, Y] < -0.01  # corners up
    assert moved(of(sad=1.0))[14, Y] > 0.002
    assert moved(of(surprised=1.0))[1, Y] > 0.01  # brows up
    assert moved(of(angry=1.0))[1, X] > 0.01  # brows down and together
    assert moved(of(surprised=1.0))[11, Y] < 0 < moved(of(relaxed=1.0))[11, Y]  # eyes wide, lids heavy


@pytest.mark.parametrize("name", NAMES[1:])
def test_no_emotion_moves_the_jaw(name: str) -> None:
    """Sounds alone part the lips."""
    shapes = {
        n: v for n, v in of(**{name: 1.0}).shapes.items() if not n.startswith(("mouthSmile", "mouthFrown"))
    }
    assert np.abs(moved(Expression(shapes))[[17, 19]]).max() < 1e-7


def test_an_animal_has_no_emotion() -> None:
    assert emotion_strengths(JoyVasaOptions(emotion="happy")) == {"happy": 1.0}
    animal = JoyVasaOptions(emotion="happy", animation_mode="animal")
    assert emotion_of(animal).step() is NO_EXPRESSION
    assert emotion_strengths(animal) == {}
