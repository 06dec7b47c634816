"""Blend shapes of ARKit move LivePortrait's keypoints the right way, on the right side, at any rate."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from engines.base import Step
from engines.joyvasa.motion.arkit import PLACES, offsets_of
from engines.joyvasa.motion.performed_curves import LARGEST_TURNS, PerformedCurves
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.retargeting import EYE_POINTS, LIP_POINTS
from engines.performed_parts import BACK
from media.performance.blendshapes import BLENDSHAPES
from media.performance.performance import Performance
from tests.engines.joyvasa.test_motion_template import moving

X, Y, Z = 0, 1, 2
FACE = [point for point in range(21) if point not in (*LIP_POINTS, *EYE_POINTS, 1, 2)]
STILL = moving(1, 9)


def moved(**shapes: float) -> np.ndarray:
    """(21, 3): what blend shapes add to one frame."""
    row = np.zeros((1, len(BLENDSHAPES)), np.float32)
    for name, value in shapes.items():
        row[0, PLACES[name]] = value
    return offsets_of(row)[0]


def both(**shapes: float) -> np.ndarray:
    return moved(**{name + side: value for name, value in shapes.items() for side in ("Left", "Right")})


def points(offsets: np.ndarray) -> set[int]:
    return set(np.flatnonzero(offsets.any(axis=1)).tolist())


def test_mouth_shapes_move_the_lips_as_live_portraits_sliders_do() -> None:
    assert moved(jawOpen=1.0)[19, Y] == pytest.approx(0.1)
    assert moved(jawOpen=0.5)[19, Y] == pytest.approx(0.05)
    assert not moved(jawOpen=0.4, mouthClose=0.4).any(), "closed lips over an open jaw stay closed"
    assert 0 < both(mouthLowerDown=1.0)[19, Y] < 0.03
    assert both(mouthPress=1.0)[19, Y] < 0
    assert moved(mouthPucker=1.0)[14, Y] > 0.005
    assert both(mouthStretch=1.0)[20, Y] < -0.01
    assert both(mouthSmile=1.0)[14, Y] == pytest.approx(-0.02)
    assert both(mouthFrown=1.0)[14, Y] == pytest.approx(0.006)


def test_left_and_right_are_the_persons() -> None:
    left, right = moved(eyeBlinkLeft=1.0), moved(eyeBlinkRight=1.0)
    assert (points(left), points(right)) == ({15, 16}, {11, 13})
    assert left[15, Y] == right[11, Y] == pytest.approx(0.03)
    assert moved(mouthLeft=1.0)[19, X] > 0.05  # the picture's right
    assert moved(jawRight=1.0)[19, X] < -0.02
    look = moved(eyeLookOutLeft=0.8, eyeLookInRight=0.8)
    assert look[15, X] > look[11, X] > 0.01  # the eye that turns outwards goes further
    away = moved(eyeLookInLeft=0.8, eyeLookOutRight=0.8)
    assert away[11, X] < away[15, X] < -0.01


def test_eyes_and_brows_move_up_and_down() -> None:
    assert both(eyeLookUp=0.5)[11, Y] < -0.01
    assert both(eyeLookDown=0.5)[11, Y] > 0.01
    assert both(eyeWide=1.0)[15, Y] < 0 < both(eyeSquint=1.0)[15, Y]
    assert moved(browInnerUp=1.0)[1, Y] > 0.01
    assert both(browDown=1.0)[1, X] > 0.01
    assert not moved(tongueOut=1.0, cheekPuff=1.0, noseSneerLeft=1.0).any()


def take(
    frames: int = 50, rate: int = 25, angles: tuple[float, float, float] | None = None, **shapes: Any
) -> Performance:
    """A performance with these shapes, each a value or one for each frame. angles: the head's, degrees."""
    values = np.zeros((frames, len(BLENDSHAPES)), np.float32)
    for name, value in shapes.items():
        values[:, PLACES[name]] = value
    turns = np.full((frames, 9), np.nan, np.float32)
    if angles is not None:
        turns[:, :3] = np.radians(angles)
    has = frozenset(shapes)
    return Performance.of(np.arange(frames) / rate, values, turns, rate=Fraction(rate), has=has)


def alone(performance: Performance, total: int = 50, *, animal: bool = False) -> HeadMotion:
    performed = PerformedCurves(performance, total, mouth=True, relative_lips=False, animal=animal)
    return HeadMotion.joined(list(performed.alone(STILL)))


def test_zero_curves_are_the_portrait_itself() -> None:
    made = alone(take(130, jawOpen=0.0, eyeBlinkLeft=0.0, browInnerUp=0.0), 130)
    assert len(made) == 130
    for name in ("exp", "scale", "t", "pitch", "yaw", "roll"):
        array = getattr(made, name)
        assert array.dtype == np.float32
        assert np.array_equal(array, np.repeat(getattr(STILL, name), 130, axis=0)), name


@pytest.mark.parametrize("rate", [12, 25, 30, 60])
def test_curves_of_any_rate_keep_their_time(rate: int) -> None:
    performance = take(2 * rate + 1, rate, jawOpen=np.linspace(0, 0.8, 2 * rate + 1))
    made = alone(performance)
    assert made.exp[:, 19, Y] - STILL.exp[:, 19, Y] == pytest.approx(0.1 * 0.8 * np.arange(50) / 50, abs=1e-5)
    assert np.array_equal(made.exp, alone(performance).exp)


def test_the_head_turns_as_it_was_recorded() -> None:
    made = alone(take(angles=(10.0, -5.0, 3.0), jawOpen=0.5))
    assert made.yaw - STILL.yaw == pytest.approx(10.0, abs=1e-4)  # to the person's right
    assert made.pitch - STILL.pitch == pytest.approx(-5.0, abs=1e-4)
    assert made.roll - STILL.roll == pytest.approx(3.0, abs=1e-4)
    far = take(angles=(0.0, 0.0, 0.0), jawOpen=0.5)
    far.rotations[40, 0] = 1.5
    turned = alone(far).yaw[40] - STILL.yaw[0]
    assert 20 < float(turned[0]) <= np.degrees(LARGEST_TURNS[0]) + 1e-4
    side = alone(take(angles=(40.0, 0.0, 0.0), jawOpen=0.5))
    assert side.yaw - STILL.yaw == pytest.approx(0.0, abs=1e-4)


def pieces(motion: HeadMotion) -> Iterator[HeadMotion | Step]:
    yield Step(0.1)
    for start in range(0, len(motion), 40):
        yield motion[start : start + 40]


def joined(performance: Performance, spoken: HeadMotion, *, mouth: bool = True) -> HeadMotion:
    performed = PerformedCurves(performance, len(spoken), mouth=mouth, relative_lips=False, animal=False)
    assert performed.needs_voice
    found = list(performed.joined(pieces(spoken), STILL))
    assert isinstance(found[0], Step)
    return HeadMotion.joined([one for one in found if isinstance(one, HeadMotion)])


def test_what_a_file_lacks_follows_the_voice() -> None:
    spoken = moving(50, 2)
    made = joined(take(jawOpen=0.5), spoken)
    voice = STILL.exp + spoken.exp - spoken.exp[:1]
    assert made.exp[:, 19, Y] == pytest.approx(np.repeat(STILL.exp[:, 19, Y] + 0.05, 50), abs=1e-5)
    assert made.exp[:, FACE] == pytest.approx(np.repeat(STILL.exp[:, FACE], 50, axis=0), abs=1e-6)
    for left in (list(EYE_POINTS), [1, 2]):
        assert made.exp[:, left] == pytest.approx(voice[:, left], abs=1e-5)
    assert made.yaw == pytest.approx(STILL.yaw + spoken.yaw - spoken.yaw[:1], abs=1e-4)


def test_the_voice_may_move_the_mouth_of_a_recorded_face() -> None:
    spoken = moving(50, 2)
    shapes: dict[str, Any] = {
        "jawOpen": 0.9,
        "mouthSmileLeft": 1.0,
        "mouthSmileRight": 1.0,
        "browInnerUp": 1.0,
    }
    made = joined(take(angles=(5.0, 0.0, 0.0), **shapes), spoken, mouth=False)
    smile = both(mouthSmile=1.0)
    lips = list(LIP_POINTS)
    assert made.exp[:, lips] == pytest.approx(spoken.exp[:, lips] + smile[lips], abs=1e-5)
    assert made.exp[:, 1] == pytest.approx(np.repeat(STILL.exp[:, 1] + moved(browInnerUp=1.0)[1], 50, axis=0))
    assert made.yaw == pytest.approx(np.repeat(STILL.yaw + 5.0, 50, axis=0), abs=1e-4)
    performed = PerformedCurves(take(jawOpen=0.9), 50, mouth=False, relative_lips=False, animal=False)
    quiet = np.linspace(0, 1, 50, dtype=np.float32)
    assert (performed.activity(quiet) == quiet).all()


def test_after_its_end_the_face_passes_to_the_voice() -> None:
    spoken = moving(60, 2)
    performance = take(20, jawOpen=0.5)
    made = joined(performance, spoken)
    late = 20 + int(BACK * 25) + 1
    assert made.exp[late:, LIP_POINTS] == pytest.approx(spoken.exp[late:, LIP_POINTS], abs=1e-5)
    performed = PerformedCurves(performance, 60, mouth=True, relative_lips=False, animal=False)
    activity = performed.activity(np.zeros(60, np.float32))
    assert activity[:20].all(), "a recorded mouth moves in silence, too"
    assert not activity[late:].any()


def test_an_animal_follows_with_its_head_alone() -> None:
    made = alone(take(angles=(10.0, 0.0, 0.0), jawOpen=1.0, eyeBlinkLeft=1.0), animal=True)
    assert np.array_equal(made.exp, np.repeat(STILL.exp, 50, axis=0))
    assert made.yaw - STILL.yaw == pytest.approx(10.0, abs=1e-4)
