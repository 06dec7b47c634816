"""A performance is read in a process of its own, with the same result, the same errors, and its limits."""

from __future__ import annotations

import pickle
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media.decoding.decoding import DIRECT
from media.decoding.isolated import IsolatedDecoding
from media.errors import PerformanceError
from media.performance.motion_template import LivePortraitTemplate
from media.performance.performance import Performance
from tests.media.decoding.processes import children, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by /proc")


def template(path: Path, **more: object) -> Path:
    frame = {
        "exp": np.linspace(-1, 1, 63, dtype=np.float32).reshape(1, 21, 3),
        "scale": np.ones((1, 1), np.float32),
        "t": np.zeros((1, 3), np.float32),
    }
    path.write_bytes(pickle.dumps({"output_fps": 20, "motion": [frame | more] * 3}))
    return path


def test_curves_are_the_same_as_read_here(decoding: IsolatedDecoding, tmp_path: Path) -> None:
    path = tmp_path / "take.csv"
    path.write_text("time,JawOpen,HeadYaw,Odd\n0,0,30,1\n0.04,,,\n0.1,1,40,1\n")
    ours, direct = decoding.open_performance(path), DIRECT.open_performance(path)
    assert isinstance(ours, Performance)
    assert isinstance(direct, Performance)
    for name in ("times", "values", "rotations"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(direct, name))
    assert (ours.rate, ours.has, ours.notes) == (direct.rate, direct.has, direct.notes)
    assert any("Odd" in note for note in ours.notes)
    path.write_text("JawOpen\n0\n1\n")
    assert decoding.open_performance(path, rate=Fraction(30000, 1001)).rate == Fraction(30000, 1001)
    wait_until(lambda: not children(decoding.helper_pid), "the children have not ended")


@pytest.mark.parametrize(
    "turns",
    [
        {"R_d": np.eye(3, dtype=np.float32)[None]},
        {name: np.full((1, 1), 5, np.float32) for name in ("pitch", "yaw", "roll")},
    ],
)
def test_templates_are_the_same_as_read_here(
    decoding: IsolatedDecoding, tmp_path: Path, turns: dict[str, np.ndarray]
) -> None:
    path = template(tmp_path / "d.pkl", **turns)
    ours, direct = decoding.open_performance(path), DIRECT.open_performance(path)
    assert isinstance(ours, LivePortraitTemplate)
    for name in ("exp", "scale", "t", "turns"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(direct, name))
    assert (ours.rate, ours.frames) == (Fraction(20), 3)


def test_errors_are_the_same_as_here(decoding: IsolatedDecoding, tmp_path: Path) -> None:
    (tmp_path / "text.csv").write_text("hello there\n")
    (tmp_path / "line.csv").write_text("time,JawOpen\n0,0\n1,x\n")
    template(tmp_path / "runs.pkl", extra=Path("/"))
    for name in ("text.csv", "line.csv", "runs.pkl", "gone.csv"):
        with pytest.raises(PerformanceError) as direct:
            DIRECT.open_performance(tmp_path / name)
        with pytest.raises(PerformanceError) as ours:
            decoding.open_performance(tmp_path / name)
        assert str(ours.value) == str(direct.value)
        assert ours.value.message.template == direct.value.message.template


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("crash", r"the decoder crashed \(signal 11\)"),
        ("grow", "it needs more than 200 MB of memory"),
        ("other", "the decoder gave an unexpected answer"),
        ("false error", "the decoder gave an unexpected answer"),
        ("no frames", "the decoder answered with an impossible number of frames"),
        ("short curves", "the decoder sent 5 bytes, which are not 2 frames"),
        ("wild curves", "the decoder sent numbers that cannot be meant"),
        ("wild rate", "the decoder reported an impossible rate"),
        ("wild template", "the decoder sent numbers that cannot be meant"),
    ],
)
def test_a_file_costs_only_itself(clumsy: IsolatedDecoding, tmp_path: Path, told: str, reason: str) -> None:
    path = tmp_path / "told.csv"
    path.write_text(told)
    with pytest.raises(PerformanceError, match=rf'The performance "told\.csv" cannot be read: {reason}'):
        clumsy.open_performance(path)
    path.write_text("time,JawOpen\n0,0\n1,1\n")
    assert clumsy.open_performance(path).duration == 2.0
