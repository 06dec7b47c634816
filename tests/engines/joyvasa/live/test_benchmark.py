from __future__ import annotations

from pathlib import Path

import pytest
import torch

from benchmarks import joyvasa_live
from engines.joyvasa.weights.model_registry import JoyVasaNetworks


def test_the_benchmark_measures_windows_pictures_and_the_factor(
    networks: JoyVasaNetworks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joyvasa_live, "STEPS", (2,))
    figures = list(joyvasa_live.measured(networks, tmp_path, 1, seconds=0.4))
    values = {figure.name.removeprefix("2 steps: "): figure.value for figure in figures}
    assert all(value > 0 for value in values.values())
    assert values["of the slowest frame"] >= values["of a frame"]
    assert values["work for a second of voice"] == pytest.approx(25 * values["of a frame"] / 1000)


def test_without_a_gpu_there_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert list(joyvasa_live.figures(rounds=1, threads=1)) == []
    assert "--part live" in capsys.readouterr().err
