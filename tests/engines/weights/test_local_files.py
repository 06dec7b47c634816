"""Existing weight files are taken from their folder, and only the rest is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.download import download
from engines.weights.local_files import fetch_from
from media.errors import InputError, WeightsError
from tests.engines.weights.test_download import GENERATOR, PAINTER, Hub

ANIMAL = replace(PAINTER, name="liveportrait_animals/base_models/p.pth")
MINE = b"mine"
FILES = (GENERATOR, PAINTER)


def judged(file: WeightFile, path: Path) -> str:
    content = path.read_bytes()
    return "" if content == MINE else f"It has {len(content)} bytes."


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MINE)


@pytest.mark.parametrize(
    "lies",
    [
        lambda have: have / "JoyVASA" / "motion_generator" / "g.pt",
        lambda have: have / "pretrained_weights" / "JoyVASA" / "motion_generator" / "g.pt",
        lambda have: have / "motion_generator" / "g.pt",
        lambda have: have / "g.pt",
    ],
)
def test_it_is_found_in_every_layout(tmp_path: Path, lies: Callable[[Path], Path]) -> None:
    have, hub = tmp_path / "have", Hub()
    put(lies(have))
    folder = WeightFolder(tmp_path / "weights", "pretrained_weights")
    got = dict(download(FILES, folder, fetch_from(have, FILES, folder.top, hub, judged)))
    assert got[GENERATOR].read_bytes() == MINE
    assert folder.find(GENERATOR) == got[GENERATOR]
    assert hub.asked == [PAINTER.name]
    assert lies(have).read_bytes() == MINE
    assert not [path for path in folder.base.rglob("*") if path.name.startswith(".")]


def test_a_bare_name_that_two_files_share_is_ignored(tmp_path: Path) -> None:
    have, hub = tmp_path / "have", Hub()
    put(have / "p.pth")
    folder = WeightFolder(tmp_path / "weights", "top")
    list(download([PAINTER], folder, fetch_from(have, (PAINTER, ANIMAL), folder.top, hub, judged)))
    assert hub.asked == [PAINTER.name]


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        fetch_from(tmp_path / "none", FILES, "top", Hub(), judged)


def test_a_file_is_taken_from_the_hubs_own_cache(tmp_path: Path) -> None:
    """There, names are symbolic links to files that are called by their checksum."""
    blob, name = tmp_path / "hub" / "blobs" / "5f3a", Path("snapshots", "main", "motion_generator", "g.pt")
    put(blob)
    (tmp_path / "hub" / name).parent.mkdir(parents=True)
    (tmp_path / "hub" / name).symlink_to(Path("..", "..", "..", "blobs", blob.name))
    folder, hub = WeightFolder(tmp_path / "weights", "top"), Hub()
    have = tmp_path / "hub" / "snapshots" / "main"
    ((_, path),) = download([GENERATOR], folder, fetch_from(have, FILES, folder.top, hub, judged))
    assert path.read_bytes() == MINE
    assert not path.is_symlink()
    assert hub.asked == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"is not the published file\. g\.pt is empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"<!DOCTYPE html>", "is a web page"),
        (b"mi", r"It has 2 bytes\. Get the whole file"),
    ],
)
def test_a_file_that_is_not_the_published_one_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    have, hub = tmp_path / "have", Hub()
    (have / "motion_generator").mkdir(parents=True)
    (have / "motion_generator" / "g.pt").write_bytes(content)
    folder = WeightFolder(tmp_path / "weights", "top")
    with pytest.raises(WeightsError, match=words):
        list(download([GENERATOR], folder, fetch_from(have, FILES, folder.top, hub, judged)))
    assert folder.find(GENERATOR) is None
    assert hub.asked == []
