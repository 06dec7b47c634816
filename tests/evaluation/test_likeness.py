"""Face likeness with a stand-in for the recogniser: the mean colour of the aligned face's quarters."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from evaluation.builtin.likeness import FaceLikeness
from evaluation.video_file import VideoFile
from media.errors import FacelessVideoError, WeightsMissing
from tests.evaluation.conftest import Sound, write_video

Material = tuple[np.ndarray, Sound]


def colours(pictures: np.ndarray) -> list[np.ndarray]:
    """(1, 3, 112, 112) to 512 numbers, of which twelve say something."""
    small = cv2.resize(pictures[0].transpose(1, 2, 0), (2, 2), interpolation=cv2.INTER_AREA)
    return [np.concatenate([small.ravel(), np.zeros(500)]).astype(np.float32)[None]]


def likeness(video: VideoFile) -> float:
    score = FaceLikeness(model=colours).measure(video)["face_likeness"]
    assert score.value is not None
    return score.value


def test_a_face_that_turns_into_another_reads_lower(material: Material, tmp_path: Path) -> None:
    frames = material[0][:100]
    same = write_video(tmp_path / "same.mp4", frames, None)
    greener = frames.copy()
    greener[50:, :, :, 0] //= 3
    turned = write_video(tmp_path / "turned.mp4", greener, None)
    assert likeness(VideoFile(same)) > 0.98
    assert likeness(VideoFile(turned)) < likeness(VideoFile(same)) - 0.05


def test_the_reference_takes_the_first_pictures_place(material: Material, tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", material[0][:60], None)
    portrait = tmp_path / "portrait.png"
    Image.fromarray(material[0][0][:, :, ::-1]).save(portrait)
    score = FaceLikeness(model=colours).measure(VideoFile(path, reference=portrait))["face_likeness"]
    assert score.value is not None
    assert score.value < 0.9
    assert score.note == "Against the reference portrait."
    assert score.extras["seconds"] == 3


def test_one_second_has_nothing_to_compare(material: Material, tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", material[0][:20], None)
    assert FaceLikeness(model=colours).measure(VideoFile(path))["face_likeness"].value is None


def test_no_face_and_no_weights_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "a.mp4", np.full((30, 64, 64, 3), 90, np.uint8), None)
    with pytest.raises(FacelessVideoError, match="No second"):
        FaceLikeness(model=colours).measure(VideoFile(path))
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "none"))
    with pytest.raises(WeightsMissing, match="weights download joyhallo"):
        FaceLikeness().measure(VideoFile(path))
