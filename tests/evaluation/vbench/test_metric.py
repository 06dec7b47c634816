"""Whole videos with random networks: messages and formats, not quality."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.weights.catalogue import WeightFolder
from evaluation.metric import Measurer
from evaluation.vbench.metric import RANDOM_NOTE, BackgroundMeasurer, SmoothMeasurer, SubjectMeasurer, batches
from evaluation.video_file import VideoFile
from evaluation.weights import catalogue
from evaluation.weights.random_weights import synthesize
from media.errors import WeightsMissing
from media.video import VideoWriter

KINDS = {"subject": SubjectMeasurer, "background": BackgroundMeasurer, "smooth": SmoothMeasurer}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> WeightFolder:
    folder = catalogue.folder(tmp_path_factory.mktemp("weights"))
    list(synthesize(folder, "tiny"))
    return folder


def write(path: Path, frames: int, size: int = 128, *, still: bool = False) -> VideoFile:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (1 if still else frames, size, size, 3)).astype(np.uint8)
    with VideoWriter(path, (size, size), 25, sound=None, metadata={}, quality=1) as writer:
        writer.write(np.broadcast_to(pictures, (frames, size, size, 3)).copy())
    return VideoFile(path)


@pytest.mark.parametrize("name", KINDS)
def test_random_weights_say_so(weights: WeightFolder, tmp_path: Path, name: str) -> None:
    measurer: Measurer = KINDS[name](weights)
    score = measurer.measure(write(tmp_path / "a.mp4", 5))[name]
    assert score.value is not None
    assert 0 <= score.value <= 1
    assert score.note == RANDOM_NOTE
    assert score.extras["random_weights"] is True
    assert [metric.name for metric in measurer.metrics] == [name]


@pytest.mark.parametrize("name", ["subject", "background"])
def test_a_still_video_is_like_itself(weights: WeightFolder, tmp_path: Path, name: str) -> None:
    still = KINDS[name](weights).measure(write(tmp_path / "a.mp4", 11, still=True))[name]
    moving = KINDS[name](weights).measure(write(tmp_path / "b.mp4", 11))[name]
    assert still.value is not None
    assert moving.value is not None
    assert still.value > 0.999 > moving.value
    assert still.extras["pictures"] == 10


@pytest.mark.parametrize(("name", "frames", "said"), [("subject", 1, "1 frame"), ("smooth", 2, "takes 3")])
def test_too_short_videos_are_not_measured(
    weights: WeightFolder, tmp_path: Path, name: str, frames: int, said: str
) -> None:
    score = KINDS[name](weights).measure(write(tmp_path / "a.mp4", frames))[name]
    assert score.value is None
    assert said in score.note


def test_small_pictures_are_not_predicted(weights: WeightFolder, tmp_path: Path) -> None:
    score = SmoothMeasurer(weights).measure(write(tmp_path / "a.mp4", 5, 96))["smooth"]
    assert score.value is None
    assert "96 x 96 pixels, and AMT-S needs 128" in score.note


@pytest.mark.parametrize("name", KINDS)
def test_without_weights_the_command_is_reported(tmp_path: Path, name: str) -> None:
    measurer = KINDS[name](catalogue.folder(tmp_path))
    with pytest.raises(WeightsMissing, match="weights download metrics"):
        measurer.measure(write(tmp_path / "a.mp4", 3))


def test_pieces_hold_eight_pictures() -> None:
    pictures = np.zeros((19, 2, 2, 3), np.uint8)
    assert [len(piece) for piece in batches(pictures)] == [8, 8, 3]
    assert list(batches([])) == []
