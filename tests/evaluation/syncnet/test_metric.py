"""Whole videos with random networks: messages and formats, not quality."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.weights.catalogue import WeightFolder
from evaluation.metric_options import SyncOptions
from evaluation.syncnet.conversion import converted
from evaluation.syncnet.metric import METRICS, RANDOM_NOTE, SyncMeasurer
from evaluation.video_file import VideoFile
from evaluation.weights import catalogue
from evaluation.weights.random_weights import synthesize
from media.errors import FacelessVideoError, SilentVideoError, WeightsMissing
from media.video import VideoWriter
from media.voice import open_voice

RATE = 16_000
NAMES = {metric.name for metric in METRICS}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> WeightFolder:
    folder = catalogue.folder(tmp_path_factory.mktemp("weights"))
    list(synthesize(folder, "tiny"))
    return folder


def write(path: Path, frames: int, *, loudness: float = 0.3, fps: int = 25) -> VideoFile:
    """Grey noise that moves, and noise that swells."""
    rng = np.random.default_rng(0)
    count = frames * RATE // fps
    swell = np.sin(np.linspace(0, 9, count)) ** 2
    sound = (loudness * swell * rng.standard_normal(count)).clip(-1, 1).astype(np.float32)
    pictures = rng.integers(0, 255, (frames, 64, 64, 3)).astype(np.uint8)
    with VideoWriter(path, (64, 64), fps, sound=open_voice((RATE, sound)), metadata={}) as writer:
        writer.write(pictures)
    return VideoFile(path)


def test_demo_mode_takes_the_whole_picture(weights: WeightFolder, tmp_path: Path) -> None:
    measurer = SyncMeasurer(SyncOptions(mode="demo", vshift=5), weights)
    scores = measurer.measure(write(tmp_path / "a.mp4", 30))
    assert set(scores) == NAMES
    assert all(score.note.startswith(RANDOM_NOTE) for score in scores.values())
    one = scores["sync_c"]
    assert one.extras["windows"] == 25
    assert one.extras["mode"] == "demo"
    assert len(one.extras["curve"]) == 11
    assert one.value == pytest.approx(np.median(one.extras["curve"]) - min(one.extras["curve"]), abs=1e-3)
    assert scores["sync_d"].value == pytest.approx(min(one.extras["curve"]), abs=1e-3)
    assert scores["sync_offset"].value == 5 - int(np.argmin(one.extras["curve"]))


def test_other_rates_are_shown_at_25(weights: WeightFolder, tmp_path: Path) -> None:
    measurer = SyncMeasurer(SyncOptions(mode="demo"), weights)
    scores = measurer.measure(write(tmp_path / "a.mp4", 60, fps=50))
    assert scores["sync_c"].extras["windows"] == 25


@pytest.mark.parametrize("frames", [1, 5])
def test_very_short_videos_are_not_scored(weights: WeightFolder, tmp_path: Path, frames: int) -> None:
    measurer = SyncMeasurer(SyncOptions(mode="demo"), weights)
    video = VideoFile(write(tmp_path / "a.mp4", 12).path)
    video.frames = lambda fps=None: iter([np.zeros((64, 64, 3), np.uint8)] * frames)  # type: ignore[method-assign]
    video.count_at = lambda fps: frames  # type: ignore[method-assign]
    scores = measurer.measure(video)
    assert {score.value for score in scores.values()} == {None}
    assert f"too short: {frames} frames" in scores["sync_d"].note


def test_a_video_without_a_face(weights: WeightFolder, tmp_path: Path) -> None:
    with pytest.raises(FacelessVideoError, match=r"MediaPipe finds one in [0-5] of 12 frames"):
        SyncMeasurer(SyncOptions(), weights).measure(write(tmp_path / "a.mp4", 12))


def test_a_silent_video(weights: WeightFolder, tmp_path: Path) -> None:
    from PIL import Image  # a video that never had a sound

    path = tmp_path / "a.mp4"
    with VideoWriter(path, (64, 64), 25, sound=None, metadata={}) as writer:
        writer.write(np.asarray(Image.new("RGB", (64, 64)))[None].repeat(8, axis=0))
    with pytest.raises(SilentVideoError):
        SyncMeasurer(SyncOptions(mode="demo", reference_conversion=True), weights).measure(VideoFile(path))


def test_without_weights_the_command_is_reported(tmp_path: Path) -> None:
    measurer = SyncMeasurer(SyncOptions(), catalogue.folder(tmp_path))
    with pytest.raises(WeightsMissing, match=r"python cli.py weights download metrics$"):
        measurer.measure(write(tmp_path / "a.mp4", 12))


def test_the_reference_conversion_brings_its_delay(weights: WeightFolder, tmp_path: Path) -> None:
    video = write(tmp_path / "a.mp4", 50)
    ours = video.sound()
    with converted(video) as again:
        theirs = again.sound()
        pictures = sum(1 for _ in again.frames(25))
    lags = np.fft.irfft(np.conj(np.fft.rfft(ours, 2**17)) * np.fft.rfft(theirs, 2**17))
    assert 1100 <= int(lags.argmax()) <= 1110  # 1105 samples of MP3's at 16 kHz, 69 ms
    assert 50 < pictures <= 53
    scores = SyncMeasurer(SyncOptions(mode="demo", reference_conversion=True), weights).measure(video)
    assert scores["sync_c"].extras["reference_conversion"] is True
