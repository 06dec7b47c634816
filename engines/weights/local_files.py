"""Takes weight files that already lie somewhere on this machine, so that they are not downloaded again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from engines.weights.catalogue import WeightFile
from engines.weights.download import Fetch
from engines.weights.reading import look_at_start
from media.errors import InputError, WeightsError

PARTIAL = ".copying"
Check: TypeAlias = Callable[[WeightFile, Path], str]
"""Says what is wrong with a file that somebody has; "" for the published one. Raises as `look_at_start`."""


def fetch_from(source: Path, files: Iterable[WeightFile], top: str, otherwise: Fetch, check: Check) -> Fetch:
    """Take each file from a folder where it is there, and by `otherwise` where it is not.

    source: the published layout, its top folder `top`, a copy of a repository, or a folder with nothing but
    the files. files: all of an engine; a file is recognised by its bare name only if no other has that name.
    The files of the folder stay where they are. Raises InputError for a folder that is not there; fetching
    raises WeightsError for a file of the folder that `check` refuses.
    """
    if not source.is_dir():
        raise InputError("There is no folder {source}. Name one with weight files in it.", source=source)
    names = [Path(file.name).name for file in files]

    def fetch(file: WeightFile, below: Path) -> Path:
        bare = Path(file.name).name
        places = (*_places(source, file, top), *([source / bare] if names.count(bare) == 1 else []))
        found = next((path for path in places if path.is_file()), None)
        if found is None:
            return otherwise(file, below)
        _check(file, found, check)
        return _taken(found, below / file.name)

    return fetch


def _places(source: Path, file: WeightFile, top: str) -> Iterator[Path]:
    for base in (source, source / top):
        for name in (file.path, *file.other_paths, file.name):
            yield base / name


def _check(file: WeightFile, found: Path, check: Check) -> None:
    try:
        look_at_start(found)
        wrong = check(file, found)
    except (WeightsError, OSError) as error:
        wrong = str(error)
    if wrong:
        raise WeightsError(
            "{found} is not the published file. {wrong} Get the whole file, or take it out of the folder: "
            "then it is downloaded.",
            found=found,
            wrong=wrong,
        )


def _taken(found: Path, target: Path) -> Path:
    """A second name of the same file or, on another disk, a copy; complete or not there at all."""
    if target.exists() and found.samefile(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}{PARTIAL}")
    try:
        try:
            # A link to a symbolic link, as in the Hub's own cache, would point to nowhere.
            os.link(found.resolve(), partial)
        except OSError:
            shutil.copyfile(found, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target
