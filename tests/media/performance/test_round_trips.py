"""What is written in a format comes back within 0.01 and one frame."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media.performance.blendshapes import BLENDSHAPES
from media.performance.performance import PerformanceHead
from media.performance.reading import read_performance
from media.performance.visemes import SHAPES, VISEMES, VisemeCue
from media.performance.vrm_expressions import expressions_of
from tests.media.performance.rows import cue_bytes, moving, written

FRAMES = ("live-link-face", "audio2face-json", "audio2face-csv", "vrma-arkit", "keyframes")
CUES = [
    VisemeCue(0.0, 0.4, "sil"),
    VisemeCue(0.4, 0.5, "PP"),
    VisemeCue(0.5, 0.75, "aa"),
    VisemeCue(0.75, 0.84, "DD"),
    VisemeCue(0.84, 1.0, "U"),
    VisemeCue(1.0, 1.1, "FF"),
    VisemeCue(1.1, 1.3, "E"),
    VisemeCue(1.3, 2.0, "sil"),
]


@pytest.mark.parametrize("fps", [25, 30, 60])
@pytest.mark.parametrize("name", FRAMES)
def test_frames_come_back(tmp_path: Path, name: str, fps: int) -> None:
    values, angles = moving(3 * fps + 1, fps)
    found = read_performance(written(tmp_path / "take", name, values, angles, Fraction(fps)))
    assert found.rate == fps
    assert abs(found.duration - len(values) / fps) <= 1 / fps
    got, turned = found.at(np.arange(len(values)) / fps)
    assert np.abs(got - values).max() < 0.01
    if name in ("live-link-face", "keyframes"):
        assert np.abs(turned - angles).max() < 0.01
    elif name == "vrma-arkit":
        assert np.abs(turned[:, :3] - angles[:, :3]).max() < 0.01
    else:
        assert not turned.any()
    assert found.notes == ()


def test_head_and_gaze_of_vrm_come_back(tmp_path: Path) -> None:
    values, angles = moving(60, 30)
    angles[:, 6:] = angles[:, 3:6]  # both eyes look at the same point
    angles[:, [5, 8]] = 0
    found = read_performance(written(tmp_path / "take", "vrma", values, angles, Fraction(30)))
    got, turned = found.at(np.arange(60) / 30)
    assert np.abs(turned - angles).max() < 0.01
    yaw, pitch = angles[:, 3], angles[:, 4]
    for name, turn, most in (
        ("eyeLookOutRight", yaw, 35), ("eyeLookInLeft", yaw, 35), ("eyeLookOutLeft", -yaw, 35),
        ("eyeLookDownLeft", pitch, 30), ("eyeLookUpRight", -pitch, 30),
    ):  # fmt: skip
        wanted = np.clip(turn / np.radians(most), 0, 1)
        assert np.abs(got[:, BLENDSHAPES.index(name)] - wanted).max() < 0.01, name


def test_presets_of_vrm_come_back_as_the_same_presets(tmp_path: Path) -> None:
    values = np.zeros((120, len(BLENDSHAPES)), np.float32)
    jaw, pucker = BLENDSHAPES.index("jawOpen"), BLENDSHAPES.index("mouthPucker")
    blink = BLENDSHAPES.index("eyeBlinkLeft")
    values[:, jaw] = 0.35 + 0.35 * np.sin(np.arange(120) / 9)
    values[:, blink] = np.arange(120) % 40 < 4
    values[60:, pucker] = 0.3
    path = written(tmp_path / "take.vrma", "vrma", values, np.zeros((120, 9)), Fraction(30))
    found = read_performance(path)
    assert found.rate == 30
    before, after = expressions_of(values), expressions_of(found.values)
    assert np.abs(before[:60] - after[:60]).max() < 0.01
    assert np.abs(found.values[:, blink] - values[:, blink]).max() < 0.01
    assert after[60:, 4].max() > 0.2  # "oh", where an open mouth is round


@pytest.mark.parametrize("name", ["rhubarb-json", "rhubarb-xml", "rhubarb-tsv", "moho", "oculus"])
def test_cues_come_back_within_a_frame(tmp_path: Path, name: str) -> None:
    rate = Fraction(100)
    path = tmp_path / "take"
    path.write_bytes(cue_bytes(name, CUES, PerformanceHead(rate, 200, "voice.wav")))
    found = read_performance(path, rate=rate)
    assert abs(found.duration - 2.0) <= 0.021
    for cue in CUES:
        middle, _ = found.at(np.array([(cue.start + cue.end) / 2]))
        wanted = SHAPES["I" if cue.viseme == "DD" and name != "oculus" else cue.viseme]
        row = dict(zip(BLENDSHAPES, middle[0].tolist(), strict=True))
        assert {n for n, value in row.items() if value > 0.01} == set(wanted)
        assert all(abs(row[n] - value) < 0.01 for n, value in wanted.items())


def test_every_viseme_has_a_shape_and_a_letter() -> None:
    assert set(VISEMES) <= set(SHAPES)
    text = cue_bytes("rhubarb-tsv", CUES, PerformanceHead(Fraction(100), 200, "")).decode()
    assert text.splitlines()[:3] == ["0.00\tX", "0.40\tA", "0.50\tD"]
    assert text.splitlines()[-1] == "2.00\tX"


def test_moho_counts_frames_from_one_and_leaves_out_what_shares_a_frame() -> None:
    cues = [VisemeCue(0.0, 0.02, "sil"), VisemeCue(0.02, 0.5, "PP"), VisemeCue(0.5, 1.0, "aa")]
    text = cue_bytes("moho", cues, PerformanceHead(Fraction(24), 24, "")).decode()
    assert text == "MohoSwitch1\n1 rest\n13 AI\n25 rest\n"


def test_an_odd_name_of_a_voice_stays_a_name(tmp_path: Path) -> None:
    head = PerformanceHead(Fraction(100), 200, 'a "b" <c> & \u0007.wav')
    for name in ("rhubarb-json", "rhubarb-xml", "oculus"):
        path = tmp_path / name
        path.write_bytes(cue_bytes(name, CUES, head))
        assert read_performance(path, rate=Fraction(100)).frames > 4
