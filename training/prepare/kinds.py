"""The preparers by kind of dataset, imported when they are needed."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.errors import OptionError
from training.prepare.preparer import Preparer

if TYPE_CHECKING:
    from training.dataset.index import Dataset

PREPARERS = {
    "joyhallo": "training.prepare.joyhallo:JoyHalloPreparer",
    "joyvasa": "training.prepare.joyvasa:JoyVASAPreparer",
}

WRITERS = {
    "joyhallo": "training.prepare.joyhallo_layout:write_public_layout",
    "joyvasa": "training.prepare.joyvasa_layout:write_public_layout",
}
READERS = {
    "joyhallo": "training.prepare.joyhallo_import:read_public_layout",
    "joyvasa": "training.prepare.joyvasa_import:read_public_layout",
}


def preparer_of(kind: str) -> str:
    """A kind's preparer, as `module:class`. Raises OptionError for a kind that is not known."""
    try:
        return PREPARERS[kind]
    except KeyError:
        raise OptionError(
            "--for names the training for the videos: {kinds}, not {kind!r}.",
            kinds=" or ".join(PREPARERS),
            kind=kind,
        ) from None


def make_preparer(place: str) -> Preparer:
    """A new preparer from `module:class`. It has loaded nothing yet."""
    made: Preparer = _named(place)()
    return made


def write_public_layout(dataset: Dataset, out: Path) -> list[Path]:
    """Write a dataset in the layout of its public program. Returns the files to pass to that program."""
    write: Callable[[Dataset, Path], list[Path]] = _named(WRITERS[dataset.kind])
    return write(dataset, out)


def read_public_layout(kind: str, folder: Path, root: Path) -> dict[str, int]:
    """Make a dataset from a folder of the public program; counts as of `index.write_index`."""
    preparer_of(kind)
    read: Callable[[Path, Path], dict[str, int]] = _named(READERS[kind])
    return read(folder, root)


def _named(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
