"""What one engine knows about its weight files, for the command `weights` and for the engine itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from engines.weights.catalogue import WeightCatalogue, WeightFile, WeightFolder, converted_path, in_groups
from engines.weights.reading import look_at_start, read_checkpoint
from media.errors import WeightsError, WeightsMissing

State = Literal["ok", "random", "missing", "wrong"]
Size = Literal["tiny", "full"]


@dataclass(frozen=True)
class WeightReport:
    """The result of checking one file. note: what is wrong, or a remark."""

    file: WeightFile
    path: Path | None
    state: State
    note: str = ""


@dataclass(frozen=True, eq=False)
class Contents:
    """The content of a file's converted form. tensors: torch tensors by name. facts, random_weights: as in
    `reading.Checkpoint`.
    """

    tensors: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    random_weights: Mapping[str, Any] | None = None


class OpenedFile(Protocol):
    """A file that fits its network. random_weights: as in `reading.Checkpoint`. notes: for users."""

    @property
    def random_weights(self) -> Mapping[str, Any] | None: ...

    @property
    def notes(self) -> tuple[str, ...]: ...


class WeightSet(ABC):
    """The files of one engine. torch is not imported before a file is opened or generated."""

    catalogue: ClassVar[WeightCatalogue]

    @abstractmethod
    def open_network(self, file: WeightFile, path: Path) -> OpenedFile:
        """Compare a network's file with what the network needs. Raises WeightsError or OSError."""

    @abstractmethod
    def contents(self, file: WeightFile, path: Path) -> Contents:
        """The content of the converted form of a network's file. Raises WeightsError."""

    @abstractmethod
    def synthesize(self, folder: WeightFolder, size: Size, salt: str) -> Iterator[Path]:
        """Write a set of random weights, file by file.

        Raises OutputError if a file could not be written, or before it would overwrite a file without random
        weights.
        """

    def examine(self, folder: WeightFolder, file: WeightFile, path: Path) -> WeightReport:
        """Check an existing file: a network tensor by tensor, other files by their first bytes.

        Raises WeightsError, WeightsMissing or OSError, which `check_file` turns into a report.
        """
        if file.network is None:
            look_at_start(path)
            return WeightReport(file, path, "ok")
        opened = self.open_network(file, path)
        state: State = "ok" if opened.random_weights is None else "random"
        return WeightReport(file, path, state, " ".join(opened.notes))

    def is_random(self, file: WeightFile, path: Path) -> bool:
        """Whether a file was written by `synthesize`; False for one that cannot be read."""
        try:
            return bool(file.network and read_checkpoint(path).random_weights)
        except WeightsError:
            return False

    def needed(self, folder: WeightFolder) -> tuple[str, ...]:
        """The groups that should be complete: the first one, unless the engine overrides this."""
        return (next(iter(self.catalogue.groups)),)

    def wanted(self, folder: WeightFolder, groups: Iterable[str]) -> list[WeightFile]:
        """The files to download for some groups."""
        return list(in_groups(self.catalogue.files, groups))

    def make(self, folder: WeightFolder, groups: Iterable[str]) -> Iterator[tuple[WeightFile, Path]]:
        """Make the files that are not published from downloaded ones. Does nothing unless the engine
        overrides it.
        """
        yield from ()

    def check_files(
        self, folder: WeightFolder, groups: Iterable[str] | None = None
    ) -> Iterator[WeightReport]:
        """Check every file, or those of some groups."""
        for file in in_groups(self.catalogue.files, self.catalogue.groups if groups is None else groups):
            yield self.check_file(folder, file)

    def check_file(self, folder: WeightFolder, file: WeightFile) -> WeightReport:
        """Check one file, tensor by tensor."""
        path = folder.find(file)
        if path is None:
            return WeightReport(file, None, "missing", f"{file.address} ({file.licence}; {file.size})")
        try:
            return self.examine(folder, file, path)
        except (WeightsError, WeightsMissing, OSError) as error:
            return WeightReport(file, path, "wrong", str(error))

    def fault_of(self, folder: WeightFolder, file: WeightFile, path: Path) -> str:
        """What is wrong with a file that lies anywhere; "" where nothing is found. Raises OSError."""
        try:
            report = self.examine(folder, file, path)
        except WeightsMissing:  # it can only be judged in its place
            return ""
        except WeightsError as error:
            return str(error)
        return report.note if report.state == "wrong" else ""

    def has_random(self, folder: WeightFolder, group: str) -> bool:
        """Whether any file of a group has random weights; videos made with it must say so."""
        used = ((file, folder.find(file)) for file in in_groups(self.catalogue.files, (group,)))
        return any(path is not None and self.is_random(file, path) for file, path in used)

    def convert_files(self, folder: WeightFolder) -> Iterator[tuple[Path, Path]]:
        """Write the safetensors form of every checkpoint whose form is missing or older.

        Yields both paths. Raises WeightsError for a file that does not fit its network, OutputError if a file
        cannot be written.
        """
        from engines.weights.convert import write_safetensors

        for file in self.catalogue.files:
            path = folder.find(file)
            if file.network is None or path is None or path.suffix == ".safetensors":
                continue
            found = self.contents(file, path)
            target = converted_path(path)
            write_safetensors(target, found.tensors, found.facts, found.random_weights)
            yield path, target
