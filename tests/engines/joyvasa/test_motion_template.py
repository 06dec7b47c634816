"""LivePortrait's motion templates are read as its programs write them, and drive a face at any rate."""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.base import Step
from engines.joyvasa.motion.live_portrait import write_live_portrait
from engines.joyvasa.motion.live_portrait_reading import motion_of
from engines.joyvasa.motion.performed import BACK, Performed, at_engine_rate
from engines.joyvasa.motion.pose import HeadMotion, rotation
from engines.joyvasa.motion.retargeting import LIP_POINTS
from engines.saved_motion import SavedMotion
from media.errors import PerformanceError
from media.performance.motion_template import LivePortraitTemplate, is_template, read_template

OTHERS = [point for point in range(21) if point not in LIP_POINTS]


def moving(frames: int, seed: int = 1) -> HeadMotion:
    numbers = np.random.default_rng(seed).uniform(-1, 1, (frames, 70)).astype(np.float32)
    numbers[:, 63] = 1 + 0.1 * numbers[:, 63]
    numbers[:, 67:] *= 40
    return HeadMotion.from_vectors(numbers)


def arrays_of(motion: HeadMotion) -> dict[str, np.ndarray]:
    return {name: getattr(motion, name) for name in ("exp", "scale", "t", "pitch", "yaw", "roll")}


def as_live_portrait(motion: HeadMotion, fps: int = 25, turns: str = "R", **more: Any) -> dict[str, Any]:
    """The dictionary that LivePortrait's own pipeline pickles."""
    turned = rotation(motion.pitch, motion.yaw, motion.roll)
    frames = [
        {
            "scale": motion.scale[at : at + 1].copy(),
            turns: turned[at : at + 1].copy(),
            "exp": motion.exp[at : at + 1].copy(),
            "t": motion.t[at : at + 1].copy(),
        }
        for at in range(len(motion))
    ]
    return {"n_frames": len(motion), "output_fps": fps, "motion": frames, **more}


def saved(path: Path, template: Any) -> Path:
    path.write_bytes(pickle.dumps(template))
    return path


@pytest.mark.parametrize("turns", ["R", "R_d"])
def test_a_template_of_live_portrait_is_read(tmp_path: Path, turns: str) -> None:
    motion = moving(7)
    eyes = [np.ones((1, 2), np.float32)] * 7
    path = saved(tmp_path / "d0.pkl", as_live_portrait(motion, 20, turns, c_d_eyes_lst=eyes, c_lip_lst=[]))
    assert is_template(path)
    found = read_template(path)
    assert (found.frames, found.duration) == (7, 0.35)
    assert found.rate == 20
    made = motion_of(found)
    for name, array in arrays_of(motion).items():
        assert getattr(made, name) == pytest.approx(array, abs=1e-3), name
    assert made.rotation == pytest.approx(rotation(motion.pitch, motion.yaw, motion.roll), abs=1e-5)


def test_what_a_job_wrote_comes_back(tmp_path: Path) -> None:
    motion = moving(130)
    written = io.BytesIO()
    write_live_portrait(written, SavedMotion(arrays_of(motion), {}))
    path = tmp_path / "own.pkl"
    path.write_bytes(written.getvalue())
    found = read_template(path)
    assert found.rate == 25
    for name, array in arrays_of(motion).items():
        assert getattr(motion_of(found), name) == pytest.approx(array, abs=1e-3), name


class Runs:
    """Would make a folder if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self._path),)


def test_a_template_runs_nothing(tmp_path: Path) -> None:
    made = tmp_path / "made"
    path = saved(tmp_path / "bad.pkl", {"motion": [Runs(made)], "output_fps": 25})
    with pytest.raises(PerformanceError, match=r"posix\.mkdir.*was not opened"):
        read_template(path)
    assert not made.exists()


def test_a_template_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    def refused(template: Any, reason: str) -> None:
        with pytest.raises(PerformanceError, match=reason):
            read_template(saved(tmp_path / "odd.pkl", template))

    def changed(**changes: Any) -> dict[str, Any]:
        template = as_live_portrait(moving(3))
        template["motion"][1] |= changes
        return template

    refused([1, 2], 'no list "motion"')
    refused({"motion": []}, 'no list "motion"')
    refused(changed(exp=np.zeros((1, 20, 3))), 'frame 2 of it has 60 numbers as "exp"; 63 are needed')
    refused(changed(R=None), 'frame 2 of it has 0 numbers as "R"; 9')
    refused(changed(t=np.full((1, 3), np.nan)), 'frame 2 of it has a number as "t"')
    refused(changed(scale=np.zeros((1, 1))), "a scale in it is 0")
    refused(as_live_portrait(moving(3), 0), "give the frame rate")
    without = as_live_portrait(moving(3))
    del without["output_fps"]
    path = saved(tmp_path / "rate.pkl", without)
    assert read_template(path, Fraction(30)).rate == 30
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(PerformanceError, match="cannot be used as a motion template"):
        read_template(path, Fraction(30))
    with pytest.raises(PerformanceError, match="There is no performance"):
        is_template(tmp_path / "none.pkl")


def recorded(motion: HeadMotion, rate: int = 25) -> LivePortraitTemplate:
    turns = rotation(motion.pitch, motion.yaw, motion.roll)
    return LivePortraitTemplate(motion.exp, motion.scale, motion.t, turns, Fraction(rate))


@pytest.mark.parametrize("rate", [20, 25, 30, 60])
def test_any_rate_becomes_that_of_the_engine(rate: int) -> None:
    times = np.arange(2 * rate) / rate
    yaw = (10 * times)[:, None].astype(np.float32)
    made = at_engine_rate(recorded(moving(2 * rate).with_changes(yaw=yaw), rate))
    assert len(made) == 50
    wanted = np.minimum(10 * np.arange(50) / 25, yaw[-1])
    assert made.yaw[:, 0] == pytest.approx(wanted, abs=1e-4)


def pieces(motion: HeadMotion) -> Iterator[HeadMotion | Step]:
    yield Step(0.1)
    for start in range(0, len(motion), 40):
        yield motion[start : start + 40]


def joined(performed: Performed, spoken: HeadMotion) -> HeadMotion:
    (*found,) = performed.joined(pieces(spoken))
    assert isinstance(found[0], Step)
    return HeadMotion.joined([one for one in found if isinstance(one, HeadMotion)])


@pytest.mark.parametrize("relative", [False, True])
def test_a_voice_may_move_the_mouth_of_a_recorded_face(relative: bool) -> None:
    face, spoken = moving(50), moving(50, 2)
    performed = Performed(recorded(face), 50, mouth=False, relative_lips=relative)
    assert performed.needs_voice
    made = joined(performed, spoken)
    lips, own = made.exp[:, LIP_POINTS], spoken.exp[:, LIP_POINTS]
    wanted = own - own[:1] + face.exp[:1, LIP_POINTS] if relative else own
    assert lips == pytest.approx(wanted, abs=1e-5)
    assert made.exp[:, OTHERS] == pytest.approx(face.exp[:, OTHERS], abs=1e-5)
    assert made.yaw == pytest.approx(face.yaw, abs=1e-4)
    quiet = np.linspace(0, 1, 50, dtype=np.float32)
    assert (performed.activity(quiet) == quiet).all()


def test_after_its_end_the_face_goes_on_with_the_voice_from_where_it_is() -> None:
    face, spoken = moving(20), moving(60, 2)
    performed = Performed(recorded(face), 60, mouth=True, relative_lips=False)
    assert performed.needs_voice
    made = joined(performed, spoken)
    assert len(made) == 60
    assert made.exp[:20] == pytest.approx(face.exp, abs=1e-5)
    late = 20 + int(BACK * 25) + 1
    assert made.exp[late:, LIP_POINTS] == pytest.approx(spoken.exp[late:, LIP_POINTS], abs=1e-5)
    assert made.yaw[late:] == pytest.approx(face.yaw[:1] + spoken.yaw[late:] - spoken.yaw[:1], abs=1e-4)
    activity = performed.activity(np.zeros(60, np.float32))
    assert activity[:20].all(), "a recorded mouth moves in silence, too"
    assert not activity[late:].any()


def test_alone_it_needs_no_voice() -> None:
    face = moving(150)
    performed = Performed(recorded(face), 151, mouth=True, relative_lips=False)
    assert not performed.needs_voice
    made = HeadMotion.joined(list(performed.alone()))
    assert made.exp[:150] == pytest.approx(face.exp, abs=1e-6)
    assert made.exp[150] == pytest.approx(face.exp[149], abs=1e-6)
