"""Lists the weight files, where they are published, and where they are on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from media.errors import WeightsError, WeightsMissing

VARIABLE = "JOYSTUDIO_WEIGHTS"
RANDOM_MARK = "made_up"
"""What `weights synthesize` writes into every file that it makes."""
_chosen: list[Path] = []


def default_root() -> Path:
    """The folder of all weights: that of `weights_in`, the environment's JOYSTUDIO_WEIGHTS, or ./weights."""
    return _chosen[-1] if _chosen else Path(os.environ.get(VARIABLE, "").strip() or "weights")


@contextmanager
def weights_in(root: Path | None) -> Iterator[None]:
    """Take the whole process's weights from another folder for the length of a `with` block; None changes
    nothing.
    """
    if root is None:
        yield
        return
    _chosen.append(root)
    try:
        yield
    finally:
        _chosen.pop()


@dataclass(frozen=True)
class WeightFile:
    """One published file.

    folder, name: the file lies at folder/name below the layout's top and is called `name` in its repository.
    repository: on the Hugging Face Hub, as in "jdh-algo/JoyVASA".
    licence: in words. commercial: whether it allows commercial use.
    purpose: what it is for, in a few words. groups: what cannot run without it ("human", "animal"...).
    network: the manifest's name, for files of tensors. megabytes: as the Hub shows it; None if unknown.
    other_paths: other places below the top where other programs and versions put the same file. made_here:
    whether the file is not published but made on this machine from files of the repository.
    """

    folder: str
    name: str
    repository: str
    licence: str
    commercial: bool
    purpose: str
    groups: tuple[str, ...]
    network: str | None = None
    megabytes: float | None = None
    other_paths: tuple[str, ...] = ()
    made_here: bool = False

    @property
    def path(self) -> str:
        """Below the layout's top, with forward slashes."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def address(self) -> str:
        """The page of the repository."""
        return f"https://huggingface.co/{self.repository}"

    @property
    def size(self) -> str:
        """As in "414 MB" or "4.75 GB", or "size not known"."""
        if self.megabytes is None:
            return "size not known"
        if self.megabytes >= 1000:
            return f"{self.megabytes / 1000:.3g} GB"
        return f"{self.megabytes:.3g} MB" if self.megabytes >= 0.1 else f"{self.megabytes * 1000:.3g} kB"


@dataclass(frozen=True)
class WeightFolder:
    """The weights of one engine on this machine.

    root: the folder that the user names: ours, a checkout of the original program, or the layout's top.
    top: the published name of the layout's top folder, as in "pretrained_weights".
    marks: entries that show a folder to be the top itself.
    usual_groups: what is downloaded if no group is named.
    """

    root: Path
    top: str
    marks: tuple[str, ...] = ()
    usual_groups: tuple[str, ...] = ()

    @property
    def base(self) -> Path:
        """The layout's top: inside the root, or the root itself when it has one of the marks."""
        inside = self.root / self.top
        if not inside.is_dir() and (
            self.root.name == self.top or any((self.root / mark).exists() for mark in self.marks)
        ):
            return self.root
        return inside

    def find(self, file: WeightFile) -> Path | None:
        """The path of a file's converted form if that is not older than the original, else the original's."""
        for name in (file.path, *file.other_paths):
            original = self.base / name
            converted = converted_path(original)
            if converted.is_file() and not _newer(original, converted):
                return converted
            if original.is_file():
                return original
        return None

    def require(self, file: WeightFile, engine: str) -> Path:
        """As `find`.

        Raises WeightsMissing, which names the file's source and the command that downloads it.
        """
        path = self.find(file)
        if path is None:
            raise WeightsMissing(
                "{path} is missing in {base}; it is published at {address} ({licence}; {size}). Download it "
                "with: {command}",
                path=file.path,
                base=self.base,
                address=file.address,
                licence=file.licence,
                size=file.size,
                command=self.command(file, engine),
            )
        return path

    def command(self, file: WeightFile, engine: str) -> str:
        """The command that downloads a file with the usual groups, or with its own group if it is not among
        them.
        """
        usual = not self.usual_groups or set(self.usual_groups) & set(file.groups)
        return f"python cli.py weights download {engine}" + ("" if usual else f" --only {file.groups[0]}")

    @contextmanager
    def named(self, file: WeightFile, engine: str) -> Iterator[None]:
        """Add to an error about a file where it is published and the command that downloads it."""
        try:
            yield
        except WeightsError as error:
            raise WeightsError(
                "{reason} It is published at {address}; download it with: {command}",
                reason=error,
                address=file.address,
                command=self.command(file, engine),
            ) from error

    def target(self, file: WeightFile) -> Path:
        """The path under which a file is stored. Windows allows no colon in names, so another known path is
        used there.
        """
        allowed = [name for name in (file.path, *file.other_paths) if os.name != "nt" or ":" not in name]
        return self.base / allowed[0]


@dataclass(frozen=True)
class WeightCatalogue:
    """All weight files of one engine, or of the metrics.

    top, marks: as in `WeightFolder`. groups: what each group of files is for, in the order in which they are
    listed. usual_groups: what `download` downloads by default; no video can be made without the first.
    commercial_path: a sentence that says what may be used commercially.
    """

    top: str
    marks: tuple[str, ...]
    files: tuple[WeightFile, ...]
    groups: Mapping[str, str]
    usual_groups: tuple[str, ...]
    commercial_path: str = ""

    def folder(self, root: Path | None = None) -> WeightFolder:
        """The folder of the files below `root` (default: JOYSTUDIO_WEIGHTS, or ./weights)."""
        root = default_root() if root is None else root
        return WeightFolder(root, self.top, self.marks, self.usual_groups)


def converted_path(original: Path) -> Path:
    """The path of a checkpoint's safetensors form."""
    name = "model" if original.name == "pytorch_model.bin" else original.stem  # as transformers calls it
    return original.with_name(f"{name}.safetensors")


def in_groups(files: Iterable[WeightFile], groups: Iterable[str]) -> Iterator[WeightFile]:
    """The files that any of the groups needs, in order."""
    wanted = set(groups)
    return (file for file in files if wanted & set(file.groups))


def _newer(original: Path, converted: Path) -> bool:
    return original.is_file() and original.stat().st_mtime_ns > converted.stat().st_mtime_ns
