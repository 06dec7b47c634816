"""BRISQUE with a stand-in for its package, which takes a compiler to install."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from evaluation.builtin.brisque import Brisque
from evaluation.video_file import VideoFile
from media.errors import WeightsMissing
from tests.evaluation.conftest import write_video


class Flatness:
    """Finds pictures without fine detail bad, and gives none at all no value."""

    def __init__(self, url: bool) -> None:
        assert not url

    def score(self, picture: np.ndarray) -> float:
        assert picture.dtype == np.uint8
        detail = cv2.Laplacian(picture, cv2.CV_32F).std()
        return 100 / (1 + float(detail)) if detail > 0 else float("nan")


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("brisque")
    module.BRISQUE = Flatness  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "brisque", module)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[np.ndarray], VideoFile]:
    return lambda frames: VideoFile(write_video(tmp_path / "a.mp4", frames, None))


def test_a_picture_each_second_is_judged(
    package: None, write: Callable[[np.ndarray], VideoFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 64, 64, 3)).astype(np.uint8)
    blurred = np.stack([cv2.GaussianBlur(frame, (0, 0), 2) for frame in noise])
    whole, spoilt = (Brisque().measure(write(frames))["brisque"] for frames in (noise, blurred))
    assert whole.extras["pictures"] == 3
    assert whole.value is not None
    assert spoilt.value is not None
    assert spoilt.value > 2 * whole.value


def test_pictures_without_texture_have_no_value(
    package: None, write: Callable[[np.ndarray], VideoFile]
) -> None:
    score = Brisque().measure(write(np.full((3, 64, 64, 3), 90, np.uint8)))["brisque"]
    assert score.value is None
    assert "no texture" in score.note


def test_without_the_package_the_command_is_reported(
    write: Callable[[np.ndarray], VideoFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "brisque", None)
    with pytest.raises(WeightsMissing, match=r"pip install brisque==0\.2\.0"):
        Brisque().measure(write(np.zeros((3, 64, 64, 3), np.uint8)))
