"""Sliders on finished motion: neutral ones change nothing, the others change what they name and no more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.motion.edits import MotionEditor, MotionEdits, blink_curve, rest_expression
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.retargeting import EYE_POINTS, LIP_POINTS
from engines.joyvasa.motion.voice_activity import voice_activity

FACE = sorted(set(range(21)) - set(LIP_POINTS) - set(EYE_POINTS))
HEAD = ("scale", "t", "pitch", "yaw", "roll")


def motion(frames: int = 30, seed: int = 0) -> HeadMotion:
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 0.05, (frames, 70)).astype(np.float32)
    rows[:, 63] += 1.2
    rows[:, 67:] *= 100
    return HeadMotion.from_vectors(rows)


def edited(
    moved: HeadMotion, voice: np.ndarray | None = None, start: int = 0, **sliders: float
) -> HeadMotion:
    rest = np.full((21, 3), 0.01, np.float32)
    editor = MotionEditor(MotionEdits(**sliders), motion(), rest, seed=5)
    return editor.apply(moved, start, voice)


def changed_points(before: HeadMotion, after: HeadMotion) -> set[int]:
    return set(np.flatnonzero((before.exp != after.exp).any(axis=(0, 2))).tolist())


def test_neutral_sliders_give_back_the_very_same_motion() -> None:
    moved = motion(seed=3)
    assert edited(moved) is moved


@pytest.mark.parametrize(
    ("slider", "value", "points"),
    [
        ("expression", 0.5, set(FACE)),
        ("mouth_open", 1.5, set(LIP_POINTS)),
        ("blink", -0.5, set(EYE_POINTS)),
        ("gaze_x", 0.7, {11, 15}),
        ("gaze_y", -0.7, {11, 13, 15, 16}),
        ("smile", 1.0, {3, 7, 13, 14, 16, 17, 20}),
    ],
)
def test_a_slider_moves_its_points_and_leaves_the_head(slider: str, value: float, points: set[int]) -> None:
    moved = motion(seed=3)
    chosen: dict[str, Any] = {slider: value}
    after = edited(moved, **chosen)
    assert changed_points(moved, after) == points
    assert all(getattr(after, name) is getattr(moved, name) for name in HEAD)


def test_no_head_motion_holds_the_first_frames_head_and_keeps_the_face() -> None:
    moved, first = motion(seed=3), motion()
    after = edited(moved, head_motion=0.0)
    for name in HEAD:
        assert getattr(after, name) == pytest.approx(
            np.repeat(getattr(first, name)[:1], 30, axis=0), abs=1e-6
        )
    assert after.exp is moved.exp


def test_twice_the_head_motion_is_twice_as_far_from_the_first_frame() -> None:
    moved, first = motion(seed=3), motion()
    after = edited(moved, head_motion=2.0)
    assert after.yaw - first.yaw[:1] == pytest.approx(2 * (moved.yaw - first.yaw[:1]), abs=1e-4)
    assert after.scale / first.scale[0] == pytest.approx((moved.scale / first.scale[0]) ** 2, rel=1e-5)


def test_a_shut_mouth_rests_and_silence_shuts_it_where_no_one_speaks() -> None:
    moved, lips = motion(seed=3), list(LIP_POINTS)
    assert edited(moved, mouth_open=0.0).exp[:, lips] == pytest.approx(0.01, abs=1e-7)
    voice = np.zeros(30, np.float32)
    voice[:10] = 1
    after = edited(moved, voice, silence_closes_mouth=1.0)
    assert np.array_equal(after.exp[:10], moved.exp[:10])
    assert after.exp[10:, lips] == pytest.approx(0.01, abs=1e-7)
    assert changed_points(moved, after) == set(LIP_POINTS)
    with pytest.raises(ValueError, match="where someone speaks"):
        edited(moved, silence_closes_mouth=1.0)


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(1, 29), blink=st.floats(-1, 1), smile=st.floats(-1, 1), head=st.floats(0, 2))
def test_the_result_does_not_depend_on_the_windows(cut: int, blink: float, smile: float, head: float) -> None:
    moved = motion(seed=3)
    sliders: dict[str, Any] = {"blink": blink, "smile": smile, "head_motion": head}
    whole = edited(moved, start=100, **sliders)
    parts = [edited(moved[:cut], start=100, **sliders), edited(moved[cut:], start=100 + cut, **sliders)]
    assert np.array_equal(HeadMotion.joined(parts).to_vectors(), whole.to_vectors())


def test_blinks_close_and_open_fully_and_come_as_often_as_asked() -> None:
    times = np.arange(0, 600, 0.01)
    closed = blink_curve(times, 15, seed=1)
    begins = int(((closed[1:] > 0.5) & (closed[:-1] <= 0.5)).sum())
    assert closed.min() == 0
    assert closed.max() == 1
    assert begins == pytest.approx(150, abs=35)
    assert not np.array_equal(closed, blink_curve(times, 15, seed=2))
    assert not blink_curve(times, 0, seed=1).any()


def test_the_lips_rest_as_the_closing_offset_says_before_scaling() -> None:
    offset = np.ones((1, 21, 3), np.float32)
    rest = rest_expression(np.zeros((1, 21, 3)), 2.0, offset)
    assert rest[list(LIP_POINTS)] == pytest.approx(0.5)
    assert not rest[FACE].any()


def tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(np.arange(int(seconds * 16000)) * 0.1)).astype(np.float32)


def test_the_gate_opens_with_the_voice_and_closes_after_it() -> None:
    rng = np.random.default_rng(0)
    quiet = rng.normal(0, 1e-3, 16000).astype(np.float32)
    gate = voice_activity(np.concatenate([quiet, tone(1), quiet]), 25, 75)
    assert gate[26:49] == pytest.approx(1)
    assert gate[:20].max() < 0.01
    assert gate[60:].max() < 0.01
    assert np.abs(np.diff(gate)).max() < 0.6  # eased, not switched


@pytest.mark.parametrize(("sound", "expected"), [(np.zeros(16000), 0.0), (tone(1), 1.0), (np.zeros(0), 0.0)])
def test_all_silence_is_silence_and_all_voice_is_voice(sound: np.ndarray, expected: float) -> None:
    gate = voice_activity(sound.astype(np.float32), 25, 25)
    assert gate.shape == (25,)
    assert gate.dtype == np.float32
    assert gate == pytest.approx(expected)


def test_long_sounds_are_read_in_blocks_with_the_same_result() -> None:
    sound = np.concatenate([tone(1), np.zeros(16000, np.float32)] * 40)  # 80 s: more than one block
    gate = voice_activity(sound, 25, 2000)
    assert gate[0:25:6] == pytest.approx(1)
    assert np.array_equal(gate[1000:1450] > 0.5, gate[1500:1950] > 0.5)
