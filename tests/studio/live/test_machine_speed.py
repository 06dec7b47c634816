"""Engines that a machine is too slow for are refused with the number."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.joyvasa.options import JoyVasaOptions
from engines.live import LiveFace
from engines.preview.options import PreviewOptions
from media.errors import LiveSpeedError, WeightsMissing
from media.portrait import Portrait
from studio.live import LiveSession
from studio.live.machine_speed import check_estimate, check_measured, estimated_load, offered
from studio.settings import Settings

NETWORKS = JoyVasaOptions(inference_steps=10)


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))


class Measured(LiveFace):
    """A face that works so many seconds for one of sound."""

    fps, look_ahead = 25, 0

    def __init__(self, load: float) -> None:
        self._load = load

    def measured_load(self) -> float:
        return self._load

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None: ...

    def paint(self) -> np.ndarray:
        return np.zeros((2, 2, 3), np.uint8)

    def interrupt(self) -> None: ...

    def change(self, options: Any) -> None: ...


def test_an_estimate_counts_frames_and_windows() -> None:
    load = estimated_load("joyvasa", NETWORKS, "cpu", lambda: 100.0)
    assert load == pytest.approx((25 * 350 + 5 * 10 * 3.2) / 60)
    with pytest.raises(LiveSpeedError, match=r"joyvasa needs about 148 times .* preview"):
        check_estimate("joyvasa", NETWORKS, "cpu", lambda: 100.0)
    check_estimate("joyvasa", NETWORKS, "cpu", lambda: 8000.0)  # the face is measured
    check_estimate("joyvasa", NETWORKS, "cuda", lambda: 1.0)
    check_estimate("preview", PreviewOptions(), "cpu", lambda: 1.0)


def test_a_face_that_is_measured_too_slow_is_refused() -> None:
    with pytest.raises(LiveSpeedError, match="about 38 times as long on this GPU"):
        check_measured("joyvasa", Measured(38.2), "cuda")
    with pytest.raises(LiveSpeedError, match=r"about 1\.2 times"):
        check_measured("joyvasa", Measured(1.24), "cpu")
    check_measured("joyvasa", Measured(0.9), "cuda")


def test_a_processor_is_refused_before_weights_are_missed(portrait: Portrait) -> None:
    def opens(**how: Any) -> None:
        asyncio.run(LiveSession.open(portrait, engine="joyvasa", **how))

    with pytest.raises(LiveSpeedError, match=r"about \d+ times"):
        opens()
    for insisted in ({"any_speed": True}, {"paced": False}, {"settings": Settings(live_any_speed=True)}):
        with pytest.raises(WeightsMissing, match="weights download joyvasa"):
            opens(**insisted)


def test_the_page_offers_networks_with_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert offered("preview", "cpu")
    assert not offered("joyvasa", "cpu")
    assert offered("joyvasa", "cuda")
    assert not offered("joyhallo", "cuda")
    monkeypatch.setenv("SPACES_ZERO_GPU", "1")
    assert not offered("joyvasa", "cuda")
