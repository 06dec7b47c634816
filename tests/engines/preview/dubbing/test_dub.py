"""The preview engine dubs: patches for each frame, poses of the voice at the times of the frames."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.dub_check import check_dubs
from engines.dubbing import Shot, Shots
from engines.preview.articulation import CLOSURE, SHUTS, VOICE
from engines.preview.dubbing.course import MouthCourse
from engines.preview.engine import PreviewEngine
from engines.preview.mouth import VoiceToMouth
from engines.preview.options import PreviewOptions
from media.errors import OptionError
from media.voice import Voice, open_voice
from tests.engines.preview.dubbing.conftest import Talking

VOICE_FILE = Path(__file__).resolve().parents[4] / "examples" / "voices" / "english-woman.wav"


@pytest.fixture(scope="module")
def speech() -> Voice:
    return open_voice(VOICE_FILE)


@pytest.fixture(scope="module")
def network() -> VoiceToMouth:
    return VoiceToMouth()


def course(network: VoiceToMouth, speech: Voice, **options: Any) -> MouthCourse:
    return MouthCourse(network, speech.samples, speech.duration, PreviewOptions(**options))


def test_the_same_job_gives_the_same_patches(engine: PreviewEngine, talking: Talking, speech: Voice) -> None:
    first, again = (list(engine.dub(talking.shots(time=0.8), speech, PreviewOptions(), 1)) for _ in "ab")
    assert len(first) == len(talking.frames)
    assert any(first)
    for one, other in zip(first, again, strict=True):
        for patch, same in zip(one, other, strict=True):
            assert (patch.x, patch.y) == (same.x, same.y)
            assert np.array_equal(patch.pixels, same.pixels)
            assert np.array_equal(patch.alpha, same.alpha)


def test_a_frame_without_a_face_has_no_patch(engine: PreviewEngine, talking: Talking, speech: Voice) -> None:
    def no_reference(track: int) -> object:
        raise AssertionError(f"asked for the track {track}")

    shots = Shots([Shot(talking.frames[2], (), 1.0, 0.04)], no_reference)  # type: ignore[arg-type]
    assert list(engine.dub(shots, speech, PreviewOptions(), 0)) == [()]


def test_no_picture_is_written_into(engine: PreviewEngine, talking: Talking, speech: Voice) -> None:
    before = [frame.copy() for frame in talking.frames]
    for frame in talking.frames:
        frame.flags.writeable = False
    list(engine.dub(talking.shots(time=0.8), speech, PreviewOptions(), 0))
    assert all(np.array_equal(a, b) for a, b in zip(before, talking.frames, strict=True))


def test_at_a_steady_rate_the_mouth_does_what_it_does_on_a_portrait(
    engine: PreviewEngine, network: VoiceToMouth, speech: Voice
) -> None:
    options = PreviewOptions(fps=25, expression=0.0)
    total = 60
    asked = course(network, speech)
    for i, pose in enumerate(engine.poses(speech, options, total, 0)):
        own = asked.pose(i / 25, 1 / 25)
        if 4 <= i < total - 4:  # before its beginning, a dubbed voice is silent
            assert own.drop == pytest.approx(pose.mouth.drop, abs=1e-3)
            assert own.rounding == pytest.approx(pose.mouth.rounding, abs=1e-3)


@pytest.mark.parametrize(
    "fps", [Fraction(12), Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60), None]
)
def test_each_closed_sound_closes_the_lips_at_any_frame_rate(
    network: VoiceToMouth, speech: Voice, fps: Fraction | None
) -> None:
    """None: frames that last between 15 and 90 ms."""
    if fps is None:
        durations = np.random.default_rng(0).uniform(0.015, 0.09, 1000)
        times = np.concatenate([[0.0], np.cumsum(durations)])
    else:
        times = np.array([float(i / fps) for i in range(int(speech.duration * fps) + 2)])
    times = times[times < speech.duration]
    asked = course(network, speech)
    poses = [asked.pose(now, then - now) for now, then in pairwise(times)]
    rows = np.concatenate(list(network.stream(speech.samples, 100, int(times[-1] * 100))))
    closed = np.flatnonzero((rows[:, CLOSURE] >= SHUTS[1]) & (rows[:, VOICE] > 0.9))
    assert len(closed) > 20
    shown = np.searchsorted(times, (closed + 0.5) / 100, side="right") - 1
    for frame in set(shown[shown < len(poses)].tolist()):
        assert poses[frame].drop < 0.02


def test_before_and_after_the_voice_the_lips_are_shut(network: VoiceToMouth, speech: Voice) -> None:
    asked = course(network, speech)
    before = [asked.pose(time, 0.04) for time in np.arange(-1.0, -0.1, 0.04)]
    after = [asked.pose(speech.duration + time, 0.04) for time in np.arange(0.3, 1.0, 0.04)]
    assert all(pose.drop < 0.01 for pose in before + after)


def test_in_silence_no_option_lets_the_videos_own_mouth_show(network: VoiceToMouth, speech: Voice) -> None:
    assert course(network, speech, rest_mouth="as_portrait").pose(-1.0, 0.04).keep_gap == 0.0


def test_the_mouths_opening_and_its_marks_act(network: VoiceToMouth, speech: Voice) -> None:
    marks = '{"tracks": [{"name": "mouth_opening", "keys": [[0, 1], [1, 1], [2, 0.5]]}]}'
    times = np.arange(0.0, 3.0, 0.04)
    usual, half, marked = (
        np.array([asked.pose(time, 0.04).drop for time in times])
        for asked in (
            course(network, speech),
            course(network, speech, mouth_opening=0.5),
            course(network, speech, marks=marks),
        )
    )
    assert half == pytest.approx(0.5 * usual, abs=1e-6)
    assert marked[times < 1.0] == pytest.approx(usual[times < 1.0], abs=1e-6)
    assert marked[times > 2.1] == pytest.approx(half[times > 2.1], abs=1e-6)


def test_an_engine_that_cannot_dub_says_why() -> None:
    check_dubs("preview")
    with pytest.raises(
        OptionError, match=r"JoyHallo cannot dub a video: it paints whole pictures .* Use preview"
    ):
        check_dubs("joyhallo")
