"""Whole videos through the JoyVASA preparer with small random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engines.joyvasa.weights.catalogue import file_of, folder
from engines.joyvasa.weights.random_weights import contents
from media.voice import open_voice
from tests.training.prepare.video_files import write_video
from training.dataset.arrays import read_arrays
from training.dataset.sound import write_voice
from training.prepare.joyvasa import NETWORK, JoyVASAPreparer, names_for_testing
from training.prepare.motion_item import MOTION, VOICE
from training.prepare.preparer import Rejected, StagedPreparer

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one required network, small and random, and nothing else."""
    import torch

    root = tmp_path_factory.mktemp("motion-extractor")
    path = folder(root).target(file_of(NETWORK))
    path.parent.mkdir(parents=True)
    torch.save(contents(NETWORK, "tiny", "v1:"), path)
    return root


@pytest.fixture(scope="module")
def preparer(weights: Path) -> JoyVASAPreparer:
    made = JoyVASAPreparer(weights)
    made.load("cpu")
    return made


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    with Image.open(EXAMPLES / "portraits" / "astronaut.png") as image:
        return np.asarray(image.convert("RGB").resize((128, 128)))


def steady(count: int, fps: float = 25) -> list[float]:
    return [number / fps for number in range(count)]


def test_a_variable_rate_has_a_motion_every_25th_second(
    portrait: np.ndarray, preparer: JoyVASAPreparer, tmp_path: Path
) -> None:
    """Half a second at 10 pictures per second, then one at 50: it is brighter from 1 s on."""
    times = [*steady(5, 10), *(0.5 + time for time in steady(50, 50))]
    bright = np.clip(portrait.astype(int) + 60, 0, 255).astype(np.uint8)
    pictures = [portrait if time < 1 else bright for time in times]
    out = tmp_path / "item"
    out.mkdir()
    facts = preparer.prepare(write_video(tmp_path / "vfr.mp4", pictures, times, 1.5), out)
    exp = read_arrays(out / MOTION)["exp"]
    assert facts.frames == len(exp)
    assert facts.frames in (37, 38)
    steps = np.abs(np.diff(exp, axis=0)).max(axis=1)
    assert int(steps.argmax()) + 1 == 25
    assert steps.max() > 10 * np.sort(steps)[-2]


def test_refused_videos(portrait: np.ndarray, preparer: JoyVASAPreparer, tmp_path: Path) -> None:
    blank = [np.full_like(portrait, 90)] * 30
    speaking = [portrait] * 30
    two = [np.concatenate([portrait, portrait], axis=1)] * 30
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video at all")
    cases = {
        "too_short": write_video(tmp_path / "a.mp4", speaking[:3], steady(3), 1.0),
        "length_mismatch": write_video(tmp_path / "b.mp4", speaking, steady(30), 0.8),
        "no_audio": write_video(tmp_path / "c.mp4", speaking, steady(30), None),
        "bad_audio": write_video(tmp_path / "d.mp4", speaking, steady(30), 1.2, silent=True),
        "no_face": write_video(tmp_path / "e.mp4", blank, steady(30), 1.2),
        "many_faces": write_video(tmp_path / "f.mp4", two, steady(30), 1.2),
        "corrupt": broken,
    }
    for code, video in cases.items():
        out = tmp_path / code
        out.mkdir()
        with pytest.raises(Rejected) as refusal:
            preparer.prepare(video, out)
        assert refusal.value.code == code, refusal.value.reason
        assert refusal.value.reason.endswith((".", "%"))


def test_the_face_is_cut_out_of_a_wide_video(
    portrait: np.ndarray, preparer: JoyVASAPreparer, tmp_path: Path
) -> None:
    """The same face at two places of two wide videos is nearly the same to the network."""
    made = []
    for left, right in ((10, 70), (70, 10)):
        wide = np.pad(portrait, ((0, 0), (left, right), (0, 0)))
        video = write_video(tmp_path / f"{left}.mp4", [wide] * 26, steady(26), 1.04)
        out = tmp_path / str(left)
        out.mkdir()
        assert preparer.prepare(video, out).width == 208
        made.append(read_arrays(out / MOTION))
    for name in ("exp", "pitch", "yaw"):
        assert np.abs(made[0][name] - made[1][name]).max() < 0.15 * max(1.0, np.abs(made[0][name]).max())


def test_the_first_half_needs_no_network(
    portrait: np.ndarray, preparer: JoyVASAPreparer, weights: Path, tmp_path: Path
) -> None:
    video = write_video(tmp_path / "a.mp4", [portrait] * 26, steady(26), 1.04)
    reader = JoyVASAPreparer(weights)
    assert isinstance(reader, StagedPreparer)
    at_once, halves = tmp_path / "at once", tmp_path / "halves"
    at_once.mkdir()
    halves.mkdir()
    reader.read(video, halves)
    video_facts = preparer.prepare(video, at_once)
    video.unlink()
    assert preparer.prepare(video, halves) == video_facts
    for name in (MOTION, VOICE):
        assert (halves / name).read_bytes() == (at_once / name).read_bytes()
    assert sorted(path.name for path in halves.iterdir()) == [MOTION, VOICE]


def test_split() -> None:
    assert names_for_testing([]) == []
    assert names_for_testing(["a"]) == []
    assert names_for_testing(["b", "a"]) == ["b"]
    assert names_for_testing([f"{n:02}" for n in range(15, 0, -1)]) == ["13", "14", "15"]
    for count in range(2, 60):
        kept = names_for_testing([f"{n:03}" for n in range(count)])
        assert 1 <= len(kept) < count
        assert len(kept) == max(1, count - int(0.8 * count))


def test_voice_on_disk(tmp_path: Path) -> None:
    samples = np.linspace(-1.2, 1.2, 4000, dtype=np.float32)
    write_voice(tmp_path / "v.wav", samples)
    np.testing.assert_allclose(open_voice(tmp_path / "v.wav").samples, np.clip(samples, -1, 1), atol=1e-4)
