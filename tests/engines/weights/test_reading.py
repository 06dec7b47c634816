from __future__ import annotations

import argparse
import os
import pathlib
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engines.weights.convert import write_safetensors
from engines.weights.reading import read_checkpoint
from engines.weights.writing import mark_random
from media.errors import InputError, WeightsError

FORMATS = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "older"])


class Call:
    """Pickles as a call that is made when it is opened."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> Any:
        return self.call


class WindowsPath(pathlib.PureWindowsPath):
    """Pickles under the name that a checkpoint from Windows has."""


WindowsPath.__module__ = "pathlib"


def save(path: Path, value: Any, zipped: bool = True, protocol: int = 2) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
    return path


@FORMATS
def test_a_flat_checkpoint(tmp_path: Path, zipped: bool) -> None:
    state = OrderedDict(a=torch.arange(6.0).reshape(2, 3), n=torch.tensor(3))
    read = read_checkpoint(save(tmp_path / "a.pth", state, zipped))
    assert list(read.tensors) == ["a", "n"]
    assert torch.equal(read.tensors["a"], state["a"])
    assert read.facts == {}
    assert read.random_weights is None


@FORMATS
def test_a_training_checkpoint_with_arguments_and_paths(
    tmp_path: Path, zipped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pathlib, "WindowsPath", WindowsPath)  # so that it can be pickled here
    arguments = argparse.Namespace(
        n_diff_steps=50,
        audio_model="hubert_zh",
        out=pathlib.PosixPath("/runs/a"),
        other=WindowsPath("c:/runs"),
        rate=np.float32(0.5),
        table=np.arange(3),
        nothing=None,
    )
    content = {"args": arguments, "model": OrderedDict(a=torch.zeros(2)), "iter": 20000}
    read = read_checkpoint(save(tmp_path / "iter_0020000.pt", content, zipped))
    assert list(read.tensors) == ["a"]
    assert read.facts == {
        "iter": 20000,
        "args": {
            "n_diff_steps": 50,
            "audio_model": "hubert_zh",
            "out": "/runs/a",
            "other": "c:\\runs",
            "rate": 0.5,
            "table": [0, 1, 2],
            "nothing": None,
        },
    }


def test_parts_are_joined_by_dots(tmp_path: Path) -> None:
    content = {"one": {"a": torch.zeros(2)}, "two": {"a": torch.ones(2)}}
    assert list(read_checkpoint(save(tmp_path / "s.pth", content)).tensors) == ["one.a", "two.a"]


def test_parameters_are_tensors(tmp_path: Path) -> None:
    read = read_checkpoint(save(tmp_path / "p.pth", {"a": torch.nn.Parameter(torch.ones(2))}))
    assert not read.tensors["a"].requires_grad


@FORMATS
@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (Call(os.system, "touch {}"), r"(posix|nt)\.system"),
        (Call(eval, "open({!r}, 'w')"), r"builtin.*\.eval"),
        (Call(open, "{}", "w"), r"open"),
        (Call(getattr, Path, "home"), r"builtin.*\.getattr"),
        (Call(torch.load, "{}"), r"torch.*load"),
        (Call(torch.hub.load, "{}"), r"torch\.hub\.load"),
        (Call, r"Call"),
    ],
    ids=["system", "eval", "open", "getattr", "load", "hub", "class"],
)
@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_a_harmful_checkpoint_is_refused_by_name(
    tmp_path: Path, harm: Any, named: str, protocol: int, zipped: bool
) -> None:
    mark = tmp_path / "harmed"
    if isinstance(harm, Call):
        function, arguments = harm.call
        harm = Call(function, *(a.format(str(mark)) if isinstance(a, str) else a for a in arguments))
    path = save(tmp_path / "m.pt", {"model": {"a": torch.zeros(2)}, "args": harm}, zipped, protocol)
    with pytest.raises(InputError, match=named) as caught:
        read_checkpoint(path)
    assert "m.pt holds" in str(caught.value)
    assert not mark.exists()


@FORMATS
@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_hooks_of_a_tensor_are_not_loaded(tmp_path: Path, zipped: bool) -> None:
    harm = Call(torch._utils._rebuild_tensor_v2, *_pieces(os.system))
    path = save(tmp_path / "h.pt", {"a": harm}, zipped)
    with pytest.raises(WeightsError, match="system"):
        read_checkpoint(path)


def _pieces(hook: Any) -> tuple[Any, ...]:
    """Arguments of the function that PyTorch rebuilds tensors with, a hook among them."""
    return (torch.zeros(2).storage(), 0, (2,), (1,), True, OrderedDict({0: hook}))


def test_a_namespace_cannot_contain_code(tmp_path: Path) -> None:
    arguments = argparse.Namespace(run=Call(os.system, "true"))
    with pytest.raises(WeightsError, match="system"):
        read_checkpoint(save(tmp_path / "n.pt", {"args": arguments}))


@pytest.mark.filterwarnings("ignore:'torch.load' received a zip file")
def test_compiled_programs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("script/constants.pkl", b"\x80\x02).")
        archive.writestr("script/data.pkl", b"\x80\x02}.")
        archive.writestr("script/version", b"3\n")
        archive.writestr("script/code/__torch__.py", b"")
    with pytest.raises(WeightsError):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 cut short", "cannot be read"),
        (b"\x80\x02 cut short", "cannot be read"),
        (b"nothing of the kind", "cannot be read"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS"),
        (b"\n<!DOCTYPE html><html>", "is a web page"),
    ],
)
@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, said: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=said):
        read_checkpoint(path)


def test_a_download_that_stopped_early(tmp_path: Path) -> None:
    whole = save(tmp_path / "w.pth", {"a": torch.zeros(5000)})
    whole.write_bytes(whole.read_bytes()[:4000])
    with pytest.raises(WeightsError, match=r"w\.pth \(4000 bytes\) cannot be read"):
        read_checkpoint(whole)


def test_a_list_is_not_a_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="contains a list"):
        read_checkpoint(save(tmp_path / "l.pth", [torch.zeros(2)]))


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_checkpoint(tmp_path / "w.pth")


def test_safetensors_keep_facts_and_marks(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    shared = torch.arange(6.0)
    tensors = {"a": shared, "b": shared, "c": shared.reshape(2, 3).T, "n": torch.tensor(3)}
    write_safetensors(path, tensors, {"args": {"audio_model": "hubert_zh"}}, {"salt": "v1:"})
    read = read_checkpoint(path)
    assert {name: value.tolist() for name, value in read.tensors.items()} == {
        name: value.tolist() for name, value in tensors.items()
    }
    assert read.facts == {"args": {"audio_model": "hubert_zh"}}
    assert read.random_weights == {"salt": "v1:"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["w.safetensors"]


def test_a_mark_of_random_weights_is_read_and_is_no_tensor(tmp_path: Path) -> None:
    content = OrderedDict(torch.nn.Linear(2, 1).state_dict())
    mark_random(content, {"network": "n", "salt": "v1:"})
    torch.save(content, tmp_path / "w.pth")
    assert read_checkpoint(tmp_path / "w.pth").random_weights == {"network": "n", "salt": "v1:"}
    torch.nn.Linear(2, 1).load_state_dict(torch.load(tmp_path / "w.pth", weights_only=True), strict=True)


def test_a_claimed_size_is_compared_with_the_file(tmp_path: Path) -> None:
    """The older format states how many numbers a storage has, before they come."""
    path = save(tmp_path / "w.pth", {"a": torch.zeros(7)}, zipped=False)
    content = path.read_bytes()
    at = content.index(b"K\x07", content.index(b"cpu"))
    path.write_bytes(content[:at] + b"J" + (10_000).to_bytes(4, "little") + content[at + 2 :])
    with pytest.raises(WeightsError, match="its tensors claim 40000 bytes"):
        read_checkpoint(path)


@pytest.mark.parametrize("older", [False, True])
def test_a_checkpoint_with_recursive_settings_is_refused(tmp_path: Path, older: bool) -> None:
    settings: dict[str, Any] = {"list": []}
    settings["list"].append(settings)
    content = {"a": torch.zeros(2), "args": argparse.Namespace(settings=settings)}
    torch.save(content, tmp_path / "a.pth", _use_new_zipfile_serialization=not older)
    with pytest.raises(WeightsError, match="contains itself"):
        read_checkpoint(tmp_path / "a.pth")


def test_a_function_that_torch_does_not_know_is_named(tmp_path: Path) -> None:
    plain_file = save(tmp_path / "plain.pt", {"a": torch.zeros(2)})
    path = tmp_path / "m.pt"
    with zipfile.ZipFile(plain_file) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"_rebuild_tensor_v2", b"_rebuild_tensor_v9"))
    with pytest.raises(WeightsError, match=r"m\.pt holds torch\._utils\._rebuild_tensor_v9"):
        read_checkpoint(path)
