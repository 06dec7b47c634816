"""Reports which weights of an engine are here and what their licences allow, without importing torch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engines import registry
from engines.weights.catalogue import RANDOM_MARK, WeightFile
from media.documents.archives import open_archive, read_entry
from media.documents.bounds import RECORD
from media.documents.json_text import parse_json
from media.documents.tensor_file import check_header
from media.errors import DocumentError

State = Literal["installed", "random", "missing"]

_LARGEST_PICKLE = 1 << 20
_LARGEST_IN_ZIP = 64_000_000
_TINY = re.compile(rb"size.{0,8}?\x04(?:\x00\x00\x00)?tiny", re.DOTALL)


@dataclass(frozen=True)
class FileReport:
    """One published file, and its state on this machine. tiny: it is a small random one."""

    file: WeightFile
    state: State
    tiny: bool = False


@dataclass(frozen=True)
class GroupReport:
    """The files for one purpose, such as animal portraits.

    needed: whether every video needs it. command: downloads the whole group. usual: whether it is downloaded
    with the needed groups.
    """

    name: str
    meaning: str
    needed: bool
    command: str
    files: tuple[FileReport, ...]
    usual: bool = True

    @property
    def missing(self) -> int:
        """Number of missing files."""
        return sum(report.state == "missing" for report in self.files)

    @property
    def random_weights(self) -> bool:
        """Whether any file has random weights."""
        return any(report.state == "random" for report in self.files)

    @property
    def restricted(self) -> tuple[FileReport, ...]:
        """The files that do not allow commercial use."""
        return tuple(report for report in self.files if not report.file.commercial)


@dataclass(frozen=True)
class WeightsReport:
    """What an engine needs and has.

    base: the folder that was searched. packages: Python packages that the engine needs and that are not
    installed. install: the command that installs them. commercial_path: a sentence about use without files
    that are for research only.
    """

    engine: str
    base: Path
    groups: tuple[GroupReport, ...]
    packages: tuple[str, ...]
    commercial_path: str
    install: str = ""

    @property
    def ready(self) -> bool:
        """Whether videos can be made."""
        return not self.packages and not any(group.missing for group in self.groups if group.needed)

    @property
    def usual(self) -> tuple[GroupReport, ...]:
        """The groups of one download."""
        return tuple(group for group in self.groups if group.usual or group.needed)

    @property
    def random_weights(self) -> bool:
        """Whether any file has random weights."""
        return any(group.random_weights for group in self.groups)

    @property
    def tiny(self) -> bool:
        """Whether any file that every video needs has small random weights."""
        return any(report.tiny for group in self.groups if group.needed for report in group.files)

    @property
    def restricted_here(self) -> tuple[WeightFile, ...]:
        """The installed files that do not allow commercial use."""
        found = [
            report for group in self.groups for report in group.restricted if report.state == "installed"
        ]
        return tuple(dict.fromkeys(report.file for report in found))


def report_weights(engine: str) -> WeightsReport | None:
    """Look for an engine's weights; None for an engine without weights.

    Searches the same folders as the engine. Takes milliseconds, because it recognises files by their names,
    and random weights by the mark in their first bytes.
    """
    spec = next((spec for spec in registry.specs() if spec.name == engine), None)
    if spec is None or spec.weights is None:
        return None
    known, packages = registry.weights_of(engine), spec.packages
    folder = known.catalogue.folder()
    reports = {file: _report(file, folder.find(file)) for file in known.catalogue.files}
    groups = tuple(
        GroupReport(
            name=name,
            meaning=meaning,
            needed=name == known.catalogue.usual_groups[0],
            command=_command(engine, name, known.catalogue.usual_groups),
            files=tuple(report for file, report in reports.items() if name in file.groups),
            usual=name in known.catalogue.usual_groups,
        )
        for name, meaning in known.catalogue.groups.items()
    )
    return WeightsReport(
        engine, folder.base, groups, packages.missing(), known.catalogue.commercial_path, packages.install
    )


def state_of(path: Path | None) -> State:
    """The state of a file. An unreadable one counts as installed; the engine reports what is wrong."""
    if path is None:
        return "missing"
    return "random" if _mark_or_none(path) is not None else "installed"


def _report(file: WeightFile, path: Path | None) -> FileReport:
    mark = None if path is None else _mark_or_none(path)
    state: State = "missing" if path is None else "installed" if mark is None else "random"
    return FileReport(file, state, mark == "tiny")


def _mark_or_none(path: Path) -> str | None:
    try:
        return _mark(path)
    except (OSError, DocumentError):
        return None


def _mark(path: Path) -> str | None:
    """The size in the mark of random weights, "" if the mark has none, or None without a mark.

    Searches the bytes without unpickling anything.
    """
    with path.open("rb") as file:
        if path.suffix == ".safetensors":
            length = check_header(path)
            file.seek(8)
            header = parse_json(file.read(length), RECORD)
            metadata = header.get("__metadata__") if isinstance(header, dict) else None
            mark = metadata.get(RANDOM_MARK) if isinstance(metadata, dict) else None
            how = parse_json(mark, RECORD) if isinstance(mark, str) else None
            return (str(how.get("size", "")) if isinstance(how, dict) else "") if how else None
        if file.read(4) == b"PK\x03\x04":
            with open_archive(path) as archive:
                pickles = [name for name in archive.namelist() if name.endswith(".pkl")]
                marks = (_mark_in(read_entry(archive, name, _LARGEST_IN_ZIP)) for name in pickles)
                return next((mark for mark in marks if mark is not None), None)
        if path.stat().st_size > _LARGEST_PICKLE:
            return None  # random weights are a zip archive, except the small motion template
        file.seek(0)
        return _mark_in(file.read())


def _mark_in(pickled: bytes) -> str | None:
    """The same in a pickle, where the size follows its key with a length and, possibly, memo opcodes."""
    at = pickled.find(RANDOM_MARK.encode())
    if at < 0:
        return None
    return "tiny" if _TINY.search(pickled, at) else ""


def _command(engine: str, group: str, usual: tuple[str, ...]) -> str:
    command = f"python cli.py weights download {engine}"
    return command if group in usual else f"{command} --only {group}"
