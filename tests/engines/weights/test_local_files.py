"""Weight files that someone has already are taken from their folder, and only the rest is downloaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engines.weights.catalogue import WeightFolder
from engines.weights.download import download
from engines.weights.local_files import fetch_from
from media.errors import InputError
from tests.engines.weights.test_download import GENERATOR, PAINTER, Hub

ANIMAL = replace(PAINTER, name="liveportrait_animals/base_models/p.pth")
FILES = (GENERATOR, PAINTER)


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"mine")


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
    got = dict(download(FILES, folder, fetch_from(have, FILES, folder.top, hub)))
    assert got[GENERATOR].read_bytes() == b"mine"
    assert folder.find(GENERATOR) == got[GENERATOR]
    assert hub.asked == [PAINTER.name]
    assert lies(have).read_bytes() == b"mine"
    assert not [path for path in folder.base.rglob("*") if path.name.startswith(".")]


def test_a_bare_name_that_two_files_share_says_nothing(tmp_path: Path) -> None:
    have, hub = tmp_path / "have", Hub()
    put(have / "p.pth")
    folder = WeightFolder(tmp_path / "weights", "top")
    list(download([PAINTER], folder, fetch_from(have, (PAINTER, ANIMAL), folder.top, hub)))
    assert hub.asked == [PAINTER.name]


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        fetch_from(tmp_path / "none", FILES, "top", Hub())
