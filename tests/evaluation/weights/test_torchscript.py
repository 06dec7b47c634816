"""CLIP's original format: an archive with a program, of which only the tensors are read."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from evaluation.weights.checkpoints import open_file
from evaluation.weights.torchscript import is_torchscript, read_torchscript
from media.errors import WeightsError


class Program(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.visual = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU())
        self.scale = nn.Parameter(torch.ones(()))
        self.register_buffer("turned", torch.arange(6).reshape(2, 3).t())
        self.sizes = [1, 2]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.visual(x) * self.scale


@pytest.mark.parametrize("way", ["script", "trace"])
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_all_numbers_come_out(tmp_path: Path, way: str, half: bool) -> None:
    program = Program().eval()
    program = program.half() if half else program
    example = torch.rand(2, 3).to(program.scale.dtype)
    made = torch.jit.script(program) if way == "script" else torch.jit.trace(program, example)
    made.save(str(tmp_path / "ViT-B-32.pt"))
    assert is_torchscript(tmp_path / "ViT-B-32.pt")
    found = read_torchscript(tmp_path / "ViT-B-32.pt")
    expected = program.state_dict()
    assert set(found) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=0, atol=0)
    with pytest.raises(WeightsError, match="does not fit clip_vitb32_visual"):
        open_file(tmp_path / "ViT-B-32.pt", "clip_vitb32_visual")


def test_other_files_are_none(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "plain.pt")
    (tmp_path / "text.pt").write_text("no archive", encoding="utf-8")
    assert not is_torchscript(tmp_path / "plain.pt")
    assert not is_torchscript(tmp_path / "text.pt")


def test_what_it_asks_for_is_not_called(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "ran",)

    with zipfile.ZipFile(tmp_path / "evil.pt", "w") as archive:
        archive.writestr("evil/data.pkl", pickle.dumps({"a": Evil()}))
        archive.writestr("evil/constants.pkl", pickle.dumps(()))
    assert is_torchscript(tmp_path / "evil.pt")
    with pytest.raises(WeightsError, match="it asks for"):
        read_torchscript(tmp_path / "evil.pt")
    assert not (tmp_path / "ran").exists()
