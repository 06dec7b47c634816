"""A run's checkpoints: the latest few folders, each complete or absent.

checkpoints/step-000500/NETWORK.safetensors, optimizer.safetensors, ..., state.json
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from media.documents.bounds import RECORD
from media.documents.json_text import read_json
from media.documents.quoting import quoted, reason_of, shown
from media.documents.tensor_file import open_tensors
from media.errors import DocumentError, OutputError, TrainingError

FOLDER = "checkpoints"
STATE = "state.json"
_NAME = re.compile(r"step-(\d+)")
_FORMAT = 1


@dataclass(frozen=True)
class TrainingCheckpoint:
    """A complete checkpoint. state: everything but tensors, including `step` and `kind`."""

    path: Path
    step: int
    state: Mapping[str, Any]

    def tensors(self, name: str) -> dict[str, Tensor] | None:
        """A file's tensors; None if the checkpoint has no such file."""
        path = self.path / f"{name}.safetensors"
        if not path.exists():
            return None
        try:
            with open_tensors(path, "pt") as file:
                return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - it is not a mapping
        except DocumentError as error:
            raise ValueError(f"{path.name}: {error}") from None


class Checkpoints:
    """The checkpoints of one run. out: the run's folder."""

    def __init__(self, out: Path) -> None:
        self.folder = out / FOLDER

    def steps(self) -> list[int]:
        """The steps of all folders that look like checkpoints, ascending; some may be broken."""
        if not self.folder.is_dir():
            return []
        found = (_NAME.fullmatch(path.name) for path in self.folder.iterdir() if path.is_dir())
        return sorted(int(match[1]) for match in found if match)

    def begin(self, step: int) -> Path:
        """An empty folder beside the checkpoints, in which one is assembled. Raises OutputError."""
        begun = self.folder / f".step-{step:06}.partial"
        try:
            for left in self.folder.glob(".step-*.partial"):  # folders of runs that were killed
                shutil.rmtree(left)
            begun.mkdir(parents=True)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        return begun

    def write(
        self, begun: Path, step: int, files: Mapping[str, dict[str, Tensor]], state: Mapping[str, Any]
    ) -> Path:
        """Fill the folder of `begin` and give it its final name. Raises OutputError and then leaves no folder
        behind.
        """
        from safetensors.torch import save_file

        path = self.folder / f"step-{step:06}"
        try:
            for name, tensors in files.items():
                save_file(tensors, begun / f"{name}.safetensors")
            sizes = {
                file.relative_to(begun).as_posix(): file.stat().st_size
                for file in sorted(begun.rglob("*"))
                if file.is_file()
            }
            whole = {"format": _FORMAT, "step": step, **state, "files": sizes}
            (begun / STATE).write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
            for name in (*sizes, STATE):
                _to_disk(begun / name)
            if path.exists():  # a broken one, or one after the step from which the run resumed
                shutil.rmtree(path)
            begun.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error
        finally:
            shutil.rmtree(begun, ignore_errors=True)
        return path

    def rotate(self, keep: int) -> None:
        """Delete all but the last `keep`."""
        for step in self.steps()[:-keep]:
            shutil.rmtree(self.folder / f"step-{step:06}", ignore_errors=True)

    def latest(self, kind: str) -> tuple[TrainingCheckpoint | None, list[str]]:
        """The last complete checkpoint, and a sentence about each later one that is broken.

        Raises TrainingError when it belongs to another kind of training.
        """
        notes: list[str] = []
        for step in reversed(self.steps()):
            path = self.folder / f"step-{step:06}"
            try:
                checkpoint = TrainingCheckpoint(path, step, _read(path))
            except (OSError, ValueError, DocumentError) as error:
                reason = reason_of(error, 300)
                notes.append(f"The checkpoint {path} is broken ({reason}); the one before it is taken.")
                continue
            if (said := checkpoint.state.get("kind")) != kind:
                raise TrainingError(
                    "{path} belongs to the training {found}, not {kind}; choose another folder with --out.",
                    path=path,
                    found=quoted(str(said)),
                    kind=kind,
                )
            return checkpoint, notes
        return None, notes


def _read(path: Path) -> dict[str, Any]:
    """The state of a checkpoint whose files all have their sizes and can be opened.

    Raises OSError, ValueError or DocumentError.
    """
    state = read_json(path / STATE, RECORD)
    if (
        not isinstance(state, dict)
        or state.get("format") != _FORMAT
        or not isinstance(state.get("files"), dict)
    ):
        raise ValueError(f"{STATE} is not one of format {_FORMAT}")
    for name, size in state["files"].items():
        if ".." in Path(name).parts or Path(name).is_absolute():
            raise ValueError(f"{quoted(name)} is not a file of it")
        found = (path / name).stat().st_size
        if found != size:
            raise ValueError(f"{quoted(name)} has {found} bytes instead of {shown(size)}")
        if name.endswith(".safetensors"):
            with open_tensors(path / name, "pt"):
                pass
    return state


def _to_disk(path: Path) -> None:
    """Wait until a file's content is on the disk, so that a rename cannot reach it first."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        "The checkpoint {path} cannot be written ({reason}).", path=path, reason=error.strerror or error
    )
