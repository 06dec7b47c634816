"""Face likeness by a small recogniser: the mean colour of the aligned face's quarters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engines.joyhallo.weights.catalogue import RECOGNISER, folder
from evaluation.builtin.likeness import FaceLikeness
from evaluation.video_file import VideoFile
from media.errors import FacelessVideoError, WeightsMissing
from tests.engines.faces import small_models
from tests.evaluation.conftest import Sound, write_video

Material = tuple[np.ndarray, Sound]


@pytest.fixture
def metric(tmp_path: Path) -> FaceLikeness:
    weights = folder(tmp_path / "weights")
    small_models.quarters_recogniser(weights.target(RECOGNISER))
    return FaceLikeness(weights)


def likeness(metric: FaceLikeness, video: VideoFile) -> float:
    score = metric.measure(video)["face_likeness"]
    assert score.value is not None
    return score.value


def test_a_face_that_turns_into_another_reads_lower(
    metric: FaceLikeness, material: Material, tmp_path: Path
) -> None:
    frames = material[0][:100]
    same = write_video(tmp_path / "same.mp4", frames, None)
    greener = frames.copy()
    greener[50:, :, :, 0] //= 3
    turned = write_video(tmp_path / "turned.mp4", greener, None)
    assert likeness(metric, VideoFile(same)) > 0.98
    assert likeness(metric, VideoFile(turned)) < likeness(metric, VideoFile(same)) - 0.05


def test_the_reference_takes_the_first_pictures_place(
    metric: FaceLikeness, material: Material, tmp_path: Path
) -> None:
    path = write_video(tmp_path / "a.mp4", material[0][:60], None)
    portrait = tmp_path / "portrait.png"
    Image.fromarray(material[0][0][:, :, ::-1]).save(portrait)
    score = metric.measure(VideoFile(path, reference=portrait))["face_likeness"]
    assert score.value is not None
    assert score.value < 0.9
    assert score.note == "Against the reference portrait."
    assert score.extras["seconds"] == 3


def test_one_second_has_nothing_to_compare(metric: FaceLikeness, material: Material, tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", material[0][:20], None)
    assert metric.measure(VideoFile(path))["face_likeness"].value is None


def test_a_missing_face_and_missing_weights_are_reported(
    metric: FaceLikeness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "a.mp4", np.full((30, 64, 64, 3), 90, np.uint8), None)
    with pytest.raises(FacelessVideoError, match="No second"):
        metric.measure(VideoFile(path))
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "none"))
    with pytest.raises(WeightsMissing, match="weights download joyhallo"):
        FaceLikeness().measure(VideoFile(path))
