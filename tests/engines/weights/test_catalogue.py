from __future__ import annotations

import os
from pathlib import Path

import pytest

from engines.weights.catalogue import (
    WeightFile,
    WeightFolder,
    converted_path,
    default_root,
    in_groups,
    weights_in,
)
from media.errors import WeightsMissing

ENCODER = WeightFile(
    folder="Some:encoder",
    name="pytorch_model.bin",
    repository="some/encoder",
    licence="MIT",
    commercial=True,
    purpose="hears",
    groups=("human", "animal"),
    megabytes=378,
    other_paths=("encoder/pytorch_model.bin",),
)
NETWORK = WeightFile(
    folder="",
    name="models/net.pth",
    repository="some/net",
    licence="MIT",
    commercial=True,
    purpose="draws",
    groups=("human",),
    network="net",
)


def touch(path: Path, age: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (1e9 - age, 1e9 - age))
    return path


def test_the_root_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", "/elsewhere")
    assert default_root() == Path("/elsewhere")
    monkeypatch.delenv("JOYSTUDIO_WEIGHTS")
    assert default_root() == Path("weights")
    with weights_in(Path("/chosen")):
        with weights_in(None):
            assert default_root() == Path("/chosen")
        monkeypatch.setenv("JOYSTUDIO_WEIGHTS", "/elsewhere")
        assert default_root() == Path("/chosen")
    assert default_root() == Path("/elsewhere")


def test_ours_a_checkout_and_the_top_itself_are_taken(tmp_path: Path) -> None:
    top = tmp_path / "pretrained_weights"
    file = touch(top / "models" / "net.pth")
    for root in (tmp_path, top):
        assert WeightFolder(root, "pretrained_weights").find(NETWORK) == file
    renamed = tmp_path / "renamed"
    top.rename(renamed)
    assert WeightFolder(renamed, "pretrained_weights").find(NETWORK) is None
    assert (
        WeightFolder(renamed, "pretrained_weights", ("models",)).find(NETWORK) == renamed / "models/net.pth"
    )


def test_other_names_of_a_folder_are_found(tmp_path: Path) -> None:
    folder = WeightFolder(tmp_path, "top")
    other = touch(tmp_path / "top" / "encoder" / "pytorch_model.bin")
    assert folder.find(ENCODER) == other
    if os.name != "nt":
        assert folder.find(ENCODER) != touch(folder.target(ENCODER))
        assert folder.find(ENCODER) == tmp_path / "top" / "Some:encoder" / "pytorch_model.bin"


def test_windows_gets_no_colon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = WeightFolder(tmp_path, "top")
    base = folder.base
    monkeypatch.setattr("engines.weights.catalogue.os.name", "nt")
    monkeypatch.setattr(WeightFolder, "base", base)
    assert folder.target(ENCODER) == base / "encoder" / "pytorch_model.bin"


def test_the_converted_form_goes_first_while_it_is_current(tmp_path: Path) -> None:
    folder = WeightFolder(tmp_path, "top")
    original = touch(folder.target(NETWORK), age=100)
    assert folder.find(NETWORK) == original
    converted = touch(converted_path(original), age=50)
    assert folder.find(NETWORK) == converted
    touch(original, age=10)
    assert folder.find(NETWORK) == original
    original.unlink()
    assert folder.find(NETWORK) == converted


def test_converted_names() -> None:
    assert converted_path(Path("a/iter_0020000.pt")) == Path("a/iter_0020000.safetensors")
    assert converted_path(Path("a/pytorch_model.bin")) == Path("a/model.safetensors")


def test_a_missing_file_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as caught:
        WeightFolder(tmp_path, "top").require(ENCODER, "joyvasa")
    said = str(caught.value)
    for part in ("Some:encoder/pytorch_model.bin", "huggingface.co/some/encoder", "MIT", "378 MB"):
        assert part in said
    assert said.endswith("python cli.py weights download joyvasa")


def test_a_missing_file_of_another_group_says_which(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"download joyvasa --only human$"):
        WeightFolder(tmp_path, "top", usual_groups=("landmarks",)).require(ENCODER, "joyvasa")
    with pytest.raises(WeightsMissing, match=r"download joyvasa$"):
        WeightFolder(tmp_path, "top", usual_groups=("animal",)).require(ENCODER, "joyvasa")


def test_sizes_in_words() -> None:
    assert NETWORK.size == "size not known"
    assert ENCODER.size == "378 MB"
    assert (
        WeightFile(
            folder="",
            name="t",
            repository="r",
            licence="MIT",
            commercial=True,
            purpose="p",
            groups=(),
            network=None,
            megabytes=0.00314,
        ).size
        == "3.14 kB"
    )
    assert (
        WeightFile(
            folder="",
            name="t",
            repository="r",
            licence="MIT",
            commercial=True,
            purpose="p",
            groups=(),
            network=None,
            megabytes=4750,
        ).size
        == "4.75 GB"
    )


def test_groups() -> None:
    assert list(in_groups([ENCODER, NETWORK], ["animal"])) == [ENCODER]
    assert list(in_groups([ENCODER, NETWORK], ["human", "animal"])) == [ENCODER, NETWORK]
