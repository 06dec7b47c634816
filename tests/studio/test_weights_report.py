from __future__ import annotations

import json
import pickle
import struct
import zipfile
from importlib import util
from pathlib import Path

import pytest

from engines.joyvasa.weights.catalogue import (
    FILES,
    GROUPS,
    HUMAN,
    MOTION_GENERATOR,
    MOTION_TEMPLATE,
    STITCHING,
    TEXT_CODES,
    TOP,
    XPOSE_DETECTOR,
)
from engines.joyvasa.xpose.text import random_codes, write_codes
from engines.weights.catalogue import RANDOM_MARK, WeightFile
from studio.weights_report import GroupReport, report_weights, state_of


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of weights."""
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    (tmp_path / TOP).mkdir()
    return tmp_path / TOP


def write_archive(path: Path, content: object) -> None:
    """A file like PyTorch's: a zip archive with a pickle in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(content))
        archive.writestr("archive/data/0", b"made_up" * 3)  # numbers that happen to look like it


def put(root: Path, file: WeightFile, *, random_weights: bool = False) -> None:
    path = root / file.path
    if file is TEXT_CODES:
        write_codes(path, random_codes(), random_weights=random_weights)
    else:
        write_archive(path, {RANDOM_MARK: 1} if random_weights else {"iter": 1})


def group(name: str) -> GroupReport:
    report = report_weights("joyvasa")
    assert report is not None
    return next(group for group in report.groups if group.name == name)


def test_an_engine_without_weights_has_no_report() -> None:
    assert report_weights("preview") is None
    assert report_weights("there is none") is None


def test_an_empty_folder_names_the_download_command_of_each_group(root: Path) -> None:
    report = report_weights("joyvasa")
    assert report is not None
    assert not report.ready
    assert not report.random_weights
    assert report.base == root
    assert [group.name for group in report.groups] == list(GROUPS)
    assert {entry.file for group in report.groups for entry in group.files} == set(FILES)
    assert all(group.missing == len(group.files) for group in report.groups)
    assert [group.name for group in report.groups if group.needed] == [HUMAN]
    assert group("human").command == "python cli.py weights download joyvasa"
    assert group("animal").command == "python cli.py weights download joyvasa --only animal"


def test_files_for_research_only_are_reported(root: Path) -> None:
    assert [entry.file for entry in group("animal").restricted] == [XPOSE_DETECTOR]
    assert len(group("insightface").restricted) == 2
    assert not group("human").restricted
    report = report_weights("joyvasa")
    assert report is not None
    assert report.restricted_here == ()
    for name in ("MediaPipe", "human mode", "X-Pose", "InsightFace"):
        assert name in report.commercial_path
    put(root, XPOSE_DETECTOR)
    report = report_weights("joyvasa")
    assert report is not None
    assert report.restricted_here == (XPOSE_DETECTOR,)


def test_human_mode_is_ready_when_its_files_are_here(root: Path) -> None:
    for file in FILES:
        if HUMAN in file.groups:
            put(root, file)
    report = report_weights("joyvasa")
    assert report is not None
    assert report.ready
    assert not report.random_weights
    assert group("animal").missing == len(group("animal").files) - 3  # the generator, its template, stitching


def test_missing_packages_stop_everything(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = util.find_spec
    monkeypatch.setattr(
        "engines.packages.find_spec", lambda name: None if name == "torch" else find_spec(name)
    )
    for file in FILES:
        if HUMAN in file.groups:
            put(root, file)
    report = report_weights("joyvasa")
    assert report is not None
    assert report.packages == ("torch",)
    assert not report.ready


@pytest.mark.parametrize("file", [MOTION_GENERATOR, TEXT_CODES], ids=lambda file: file.path)
def test_random_files_are_known_by_their_mark(root: Path, file: WeightFile) -> None:
    put(root, file)
    assert state_of(root / file.path) == "installed"
    put(root, file, random_weights=True)
    assert state_of(root / file.path) == "random"
    report = report_weights("joyvasa")
    assert report is not None
    assert report.random_weights


def test_the_mark_is_the_one_that_is_written(tmp_path: Path) -> None:
    from engines.joyvasa.weights.random_weights import synthesize
    from engines.weights.catalogue import WeightFolder
    from engines.weights.convert import write_safetensors
    from engines.weights.reading import read_checkpoint

    folder = WeightFolder(tmp_path, TOP)
    files = synthesize(folder, "tiny")
    wanted = folder.target(STITCHING)
    assert next(path for path in files if path == wanted) == wanted
    assert state_of(wanted) == "random"
    template = folder.target(MOTION_TEMPLATE)
    template.parent.mkdir(parents=True, exist_ok=True)
    template.write_bytes(pickle.dumps({"exp": [0.0], RANDOM_MARK: 1}))
    assert state_of(template) == "random"
    template.write_bytes(pickle.dumps({"exp": [0.0]}))
    assert state_of(template) == "installed"
    checkpoint = read_checkpoint(wanted)
    converted = tmp_path / "stitching.safetensors"
    write_safetensors(converted, checkpoint.tensors, checkpoint.facts, checkpoint.random_weights)
    assert state_of(converted) == "random"
    write_safetensors(converted, checkpoint.tensors, checkpoint.facts, None)
    assert state_of(converted) == "installed"


@pytest.mark.parametrize(
    "content",
    [b"", b"made", b"PK\x03\x04 damaged", struct.pack("<Q", 2**63 - 1) + json.dumps({}).encode()],
    ids=["empty", "short", "cut archive", "endless header"],
)
@pytest.mark.parametrize("ending", [".pth", ".safetensors"])
def test_a_damaged_file_is_here_and_stops_nothing(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"file{ending}"
    path.write_bytes(content)
    assert state_of(path) == "installed"
