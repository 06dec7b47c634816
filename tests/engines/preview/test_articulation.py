"""From channels to mouth poses: nothing is lost, silence closes, a p stays a p."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engines.preview.articulation import CLOSURE, JAW, LIP_TEETH, ROUNDING, TONGUE, VOICE, Articulation
from engines.preview.lips import MouthPose
from engines.preview.options import PreviewOptions


def speak(rows: np.ndarray, cuts: tuple[int, ...] = (), **options: Any) -> list[MouthPose]:
    articulation = Articulation(PreviewOptions(**options))
    poses: list[MouthPose] = []
    for piece in np.split(rows, cuts):
        poses.extend(articulation.step(piece))
    return [*poses, *articulation.finish()]


def voice(frames: int, **channels: float) -> np.ndarray:
    rows = np.zeros((frames, 7), np.float32)
    rows[:, VOICE] = 1.0
    for name, value in channels.items():
        known = {
            "jaw": JAW,
            "closure": CLOSURE,
            "rounding": ROUNDING,
            "lip_teeth": LIP_TEETH,
            "tongue": TONGUE,
        }
        rows[:, known[name]] = value
    return rows


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 60).flatmap(lambda n: arrays(np.float32, (n, 7), elements=st.floats(0, 1, width=32))),
    cuts=st.lists(st.integers(0, 60), max_size=4),
    smoothing=st.sampled_from([0.0, 0.3, 1.0]),
    fps=st.sampled_from([12, 25, 60]),
)
def test_every_row_gives_one_pose_however_the_rows_are_cut(
    rows: np.ndarray, cuts: list[int], smoothing: float, fps: int
) -> None:
    whole = speak(rows, smoothing=smoothing, fps=fps)
    pieces = speak(rows, tuple(sorted(min(cut, len(rows)) for cut in cuts)), smoothing=smoothing, fps=fps)
    assert len(whole) == len(rows)
    assert whole == pieces
    for pose in whole:
        for value in (
            pose.drop,
            pose.press,
            pose.rounding,
            pose.spreading,
            pose.lip_teeth,
            pose.keep_gap,
            pose.tongue,
        ):
            assert 0.0 <= value <= 1.0 + 1e-6


@pytest.mark.parametrize("smoothing", [0.0, 0.3, 1.0])
def test_a_closed_sound_of_one_frame_shuts_an_open_mouth(smoothing: float) -> None:
    rows = voice(21, jaw=0.8)
    rows[10, CLOSURE] = 0.9
    poses = speak(rows, smoothing=smoothing)
    assert poses[10].drop == 0.0
    assert poses[10].press > 0.5
    assert poses[2].drop > 0.6


def test_smoothing_calms_the_jaw_without_moving_it_in_time() -> None:
    rows = voice(41)
    rows[20, JAW] = 1.0
    drops = np.array([[pose.drop for pose in speak(rows, smoothing=s)] for s in (0.0, 1.0)])
    assert drops[1].max() < 0.5 * drops[0].max()
    assert drops.argmax(axis=1).tolist() == [20, 20]


@pytest.mark.parametrize("fps", [12, 25, 60])
def test_after_200_ms_without_a_voice_the_mouth_rests_closed(fps: int) -> None:
    """Even when the network still hears an open mouth in the noise."""
    rows = voice(2 * fps, jaw=0.7)
    rows[fps:, VOICE] = 0.0
    poses = speak(rows, fps=fps)
    assert poses[fps - 2].drop > 0.5
    silent = poses[fps + round(0.2 * fps) :]
    assert silent
    assert all(pose.drop == 0.0 and pose.press == 0.0 and pose.keep_gap == 0.0 for pose in silent)


def test_the_portraits_own_mouth_can_be_the_rest() -> None:
    rows = voice(50, jaw=0.7)
    rows[25:, VOICE] = 0.0
    poses = speak(rows, rest_mouth="as_portrait")
    assert poses[20].keep_gap == 0.0
    assert poses[-1].keep_gap == 1.0
    steps = np.diff([pose.keep_gap for pose in poses])
    assert steps.max() < 0.95  # eased, not switched


def test_mouth_opening_scales_the_jaw_and_zero_keeps_it_shut() -> None:
    rows = voice(20, jaw=0.6)
    drops = [speak(rows, mouth_opening=amount)[10].drop for amount in (0.0, 0.5, 1.0)]
    assert drops[0] == 0.0
    assert drops[1] == pytest.approx(drops[2] / 2)


def test_a_muzzle_only_opens_and_shuts() -> None:
    rows = voice(20, jaw=0.6, rounding=1.0, lip_teeth=1.0)
    pose = speak(rows, animation_mode="animal")[10]
    assert pose == MouthPose(drop=pose.drop)
    assert pose.drop > 0.4


def test_no_rows_give_no_poses() -> None:
    assert speak(np.zeros((0, 7), np.float32)) == []


def test_a_sound_of_the_tongue_shows_a_narrow_gap_and_not_closed_lips() -> None:
    (*_, shut), (*_, said), (*_, wide) = (
        speak(voice(20, **channels)) for channels in ({}, {"tongue": 1.0}, {"tongue": 1.0, "jaw": 0.6})
    )
    assert shut.drop == shut.tongue == 0.0
    assert 0.15 < said.drop < 0.3
    assert said.tongue == pytest.approx(1.0)
    assert wide.drop == pytest.approx(0.6, abs=1e-5)


def test_closed_lips_and_rest_hide_the_tongue() -> None:
    assert speak(voice(20, tongue=1.0, closure=1.0))[10].tongue == 0.0
    rows = voice(50, tongue=1.0)
    rows[25:, VOICE] = 0.0
    assert speak(rows)[-1].tongue == 0.0
