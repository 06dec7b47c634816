from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engines.weights.convert import write_safetensors
from engines.weights.reading import read_checkpoint
from media.errors import OutputError


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    write_safetensors(path, {"a": torch.zeros(2)})

    def full(tensor: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engines.weights.convert._raw", full)
    with pytest.raises(OutputError, match="No space left"):
        write_safetensors(path, {"a": torch.ones(2)})
    assert [entry.name for entry in tmp_path.iterdir()] == ["w.safetensors"]
    assert read_checkpoint(path).tensors["a"].tolist() == [0, 0]


def test_views_are_written_with_their_visible_values(tmp_path: Path) -> None:
    table = torch.arange(12.0).reshape(3, 4)
    views = {"row": table[1], "column": table[:, 2], "turned": table.T, "whole": table}
    write_safetensors(tmp_path / "w.safetensors", views)
    read = read_checkpoint(tmp_path / "w.safetensors").tensors
    assert {name: value.tolist() for name, value in read.items()} == {
        name: value.tolist() for name, value in views.items()
    }


def test_every_number_type_and_shape_comes_back(tmp_path: Path) -> None:
    """The library's reader is strict about places, order and padding."""
    given = {
        name: torch.arange(3).to(getattr(torch, name)).reshape(1, 3)
        for name in ("bool", "uint8", "int8", "int16", "bfloat16", "float16", "int32", "float32", "int64")
    }
    given |= {"scalar": torch.tensor(2.5, dtype=torch.float64), "nothing": torch.zeros(0, 4)}
    write_safetensors(tmp_path / "w.safetensors", given, {"args": {"a": 1}}, {"salt": "v1:"})
    read = read_checkpoint(tmp_path / "w.safetensors")
    assert read.tensors.keys() == given.keys()
    for name, value in given.items():
        assert read.tensors[name].dtype == value.dtype
        assert torch.equal(read.tensors[name], value)
    assert (read.facts, read.random_weights) == ({"args": {"a": 1}}, {"salt": "v1:"})
