from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.motion.template import MotionTemplate
from media.errors import DatasetError
from tests.engines.joyvasa.tiny_motion import voice
from tests.training.joyvasa.conftest import LENGTHS, make_dataset, write_voice
from training.dataset.arrays import read_arrays, write_arrays
from training.dataset.index import read_dataset
from training.dataset.template import write_template
from training.joyvasa.clips import Clips, motion_template, read_voice

WINDOW = 100


@pytest.fixture(scope="module")
def clips(dataset: Path) -> Clips:
    found = read_dataset(dataset, "joyvasa")
    return Clips(found.items, motion_template(found), WINDOW)


def frame_numbers(clips: Clips, motion: np.ndarray) -> np.ndarray:
    """Which frames of the video these are; the dataset wrote them into scale."""
    scale = clips._template.motion(motion).scale[:, 0]
    return np.round((scale - 1) * 10000).astype(int)


@settings(max_examples=30, deadline=None)
@given(number=st.integers(0, len(LENGTHS) - 1), place=st.floats(0, 1))
def test_motion_and_sound_are_of_the_same_frames(clips: Clips, number: int, place: float) -> None:
    item = clips.items[number]
    start = int(place * (clips.starts(item) - 1))
    sound, motion = clips.read(item, start)
    expected = np.arange(start, start + 2 * WINDOW) % item.frames
    assert frame_numbers(clips, motion).tolist() == expected.tolist()
    whole = np.trunc(voice(item.frames * 640, number).clip(-1, 1) * 32_767) / 32_768
    np.testing.assert_allclose(sound.reshape(-1, 640), whole.reshape(-1, 640)[expected], atol=1e-6)


def test_short_clips_are_doubled_until_they_are_long_enough(clips: Clips) -> None:
    assert LENGTHS == (120, 90, 260, 30)
    assert [clips.starts(item) for item in clips.items] == [240 - 199, 360 - 199, 260 - 199, 240 - 199]


def test_numbers_are_normalised_as_the_engine_reads_them(clips: Clips) -> None:
    item = clips.items[2]
    raw = read_arrays(item.folder / "motion.safetensors")
    back = clips._template.motion(clips.read(item, 7)[1])
    np.testing.assert_allclose(back.exp.reshape(-1, 63), raw["exp"][7:207], atol=1e-6)
    for name in ("scale", "t", "pitch", "yaw", "roll"):
        np.testing.assert_allclose(getattr(back, name), raw[name][7:207], atol=2e-5)


def test_every_video_is_drawn(clips: Clips) -> None:
    rng = np.random.default_rng(0)
    long = sum(len(np.unique(frame_numbers(clips, clips.draw(rng)[1]))) == 200 for _ in range(40))
    assert 2 <= long <= 25  # one of four


def test_damaged_videos_are_named(tmp_path: Path) -> None:
    root = make_dataset(tmp_path, (210, 220))
    item = read_dataset(root, "joyvasa").items[0]
    whole = read_arrays(item.folder / "motion.safetensors")
    clips = Clips([item], MotionTemplate.random_weights(), WINDOW)

    def refused(reason: str) -> None:
        with pytest.raises(DatasetError, match=reason) as caught:
            clips.read(item, 0)
        assert item.name in str(caught.value)

    for broken in (
        {**whole, "yaw": np.where(np.arange(210)[:, None] == 50, np.nan, whole["yaw"])},
        {**whole, "exp": whole["exp"][:150]},
    ):
        write_arrays(item.folder / "motion.safetensors", broken)
        refused("not numbers")
    del whole["t"]
    write_arrays(item.folder / "motion.safetensors", whole)
    refused("lacks t")
    samples = voice(210 * 640)
    write_voice(item.folder / "voice.wav", samples[: 206 * 640])
    refused("8.24 s long, but the motion beside it 8.40 s")
    write_voice(item.folder / "voice.wav", samples, rate=8000)
    refused("8000 Hz")
    (item.folder / "voice.wav").write_bytes(b"RIFF")
    refused("cannot be read")
    (item.folder / "voice.wav").unlink()
    refused("cannot be read")


def test_a_voice_that_ends_a_little_early_is_followed_by_silence(tmp_path: Path) -> None:
    item = read_dataset(make_dataset(tmp_path, (210, 220)), "joyvasa").items[0]
    write_voice(item.folder / "voice.wav", np.full(208 * 640 - 100, 0.5))
    sound = read_voice(item, 205, 210)
    assert np.all(sound[: 3 * 640 - 100] > 0.49)
    assert np.all(sound[3 * 640 - 100 :] == 0)


def test_templates_that_cannot_normalise_are_refused(tmp_path: Path) -> None:
    root = make_dataset(tmp_path, (210, 220))
    arrays = MotionTemplate.random_weights().to_arrays()
    write_template(root, {**arrays, "min_yaw": np.array([np.nan], np.float32)})
    with pytest.raises(DatasetError, match="not numbers"):
        motion_template(read_dataset(root, "joyvasa"))
    del arrays["mean_exp"]
    write_template(root, arrays)
    with pytest.raises(DatasetError, match="mean_exp"):
        motion_template(read_dataset(root, "joyvasa"))
