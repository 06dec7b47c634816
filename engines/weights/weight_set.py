"""What one engine knows about its weight files, as the command `weights` and the engine itself ask for it."""

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
    """What was found out about one file. note: what is wrong, or what else there is to know."""

    file: WeightFile
    path: Path | None
    state: State
    note: str = ""


@dataclass(frozen=True, eq=False)
class Contents:
    """What goes into the converted form of a file: torch's tensors by name; facts and random_weights as in
    `reading.Checkpoint`.
    """

    tensors: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    random_weights: Mapping[str, Any] | None = None


class OpenedFile(Protocol):
    """A network's file that fits. random_weights: as in `reading.Checkpoint`. notes: for users."""

    @property
    def random_weights(self) -> Mapping[str, Any] | None: ...

    @property
    def notes(self) -> tuple[str, ...]: ...


class WeightSet(ABC):
    """The files of one engine. Nothing of torch is imported before a file is opened or generated."""

    catalogue: ClassVar[WeightCatalogue]

    @abstractmethod
    def open_network(self, file: WeightFile, path: Path) -> OpenedFile:
        """Compare a network's file with what the network needs. Raises WeightsError or OSError."""

    @abstractmethod
    def contents(self, file: WeightFile, path: Path) -> Contents:
        """What the converted form of a network's file holds. Raises WeightsError."""

    @abstractmethod
    def synthesize(self, folder: WeightFolder, size: Size, salt: str) -> Iterator[Path]:
        """Write a set of random weights, file by file.

        Raises OutputError before a file that holds no random weights would be overwritten, and when the disk
        refuses.
        """

    def examine(self, folder: WeightFolder, file: WeightFile, path: Path) -> WeightReport:
        """Compare a file that is there: a network tensor by tensor, others by their beginning.

        Raises WeightsError, WeightsMissing or OSError, which `check_file` makes a report of.
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
        """The groups that should be complete: the first one, unless the engine says more."""
        return (next(iter(self.catalogue.groups)),)

    def wanted(self, folder: WeightFolder, groups: Iterable[str]) -> list[WeightFile]:
        """The files to fetch for some groups."""
        return list(in_groups(self.catalogue.files, groups))

    def make(self, folder: WeightFolder, groups: Iterable[str]) -> Iterator[tuple[WeightFile, Path]]:
        """Make what is not published but made from fetched files; nothing unless the engine says more."""
        yield from ()

    def check_files(
        self, folder: WeightFolder, groups: Iterable[str] | None = None
    ) -> Iterator[WeightReport]:
        """Compare every file, or those of the groups, with what its network needs."""
        for file in in_groups(self.catalogue.files, self.catalogue.groups if groups is None else groups):
            yield self.check_file(folder, file)

    def check_file(self, folder: WeightFolder, file: WeightFile) -> WeightReport:
        """Compare one file, tensor by tensor."""
        path = folder.find(file)
        if path is None:
            return WeightReport(file, None, "missing", f"{file.address} ({file.licence}; {file.size})")
        try:
            return self.examine(folder, file, path)
        except (WeightsError, WeightsMissing, OSError) as error:
            return WeightReport(file, path, "wrong", str(error))

    def has_random(self, folder: WeightFolder, group: str) -> bool:
        """Whether any file that a group uses holds random weights: what is rendered with it has to say so."""
        used = ((file, folder.find(file)) for file in in_groups(self.catalogue.files, (group,)))
        return any(path is not None and self.is_random(file, path) for file, path in used)

    def convert_files(self, folder: WeightFolder) -> Iterator[tuple[Path, Path]]:
        """Write the safetensors form of every checkpoint that has none, or an older one; yields old and new.

        Raises WeightsError for a file that does not fit its network, OutputError when the disk refuses.
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
