"""Takes weight files that already lie somewhere on this machine, so that they are not downloaded again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from engines.weights.catalogue import WeightFile
from engines.weights.download import Fetch
from media.errors import InputError

PARTIAL = ".copying"


def fetch_from(source: Path, files: Iterable[WeightFile], top: str, otherwise: Fetch) -> Fetch:
    """Take each file from a folder where it is there, and by `otherwise` where it is not.

    source: the published layout, its top folder `top`, a copy of a repository, or a folder with nothing but
    the files. files: all of an engine; a file is recognised by its bare name only if no other has that name.
    The files of the folder stay where they are. Raises InputError for a folder that is not there.
    """
    if not source.is_dir():
        raise InputError("There is no folder {source}. Name one with weight files in it.", source=source)
    names = [Path(file.name).name for file in files]

    def fetch(file: WeightFile, below: Path) -> Path:
        bare = Path(file.name).name
        places = (*_places(source, file, top), *([source / bare] if names.count(bare) == 1 else []))
        found = next((path for path in places if path.is_file()), None)
        return otherwise(file, below) if found is None else _taken(found, below / file.name)

    return fetch


def _places(source: Path, file: WeightFile, top: str) -> Iterator[Path]:
    for base in (source, source / top):
        for name in (file.path, *file.other_paths, file.name):
            yield base / name


def _taken(found: Path, target: Path) -> Path:
    """A second name of the same file or, on another disk, a copy; complete or not there at all."""
    if target.exists() and found.samefile(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}{PARTIAL}")
    try:
        try:
            os.link(found, partial)
        except OSError:
            shutil.copyfile(found, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target
