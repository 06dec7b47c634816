"""Looks through all weight files of this engine: what is there, what fits, what can be converted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engines.joyvasa import weights
from engines.joyvasa.checkpoints import open_file, read_template
from engines.joyvasa.motion_template import MotionTemplate
from engines.joyvasa.xpose.text import read_codes
from engines.weights.catalogue import WeightFile, WeightFolder, converted_path
from engines.weights.convert import write_safetensors
from engines.weights.pickles import read_pickle
from engines.weights.reading import MADE_UP, look_at_start, read_checkpoint
from media.errors import WeightsError, WeightsMissing

State = Literal["ok", "made up", "missing", "wrong"]


@dataclass(frozen=True)
class Report:
    """What was found out about one file. note: what is wrong, or what else there is to know."""

    file: WeightFile
    path: Path | None
    state: State
    note: str = ""


def check_files(folder: WeightFolder, groups: Iterable[str] = tuple(weights.GROUPS)) -> Iterator[Report]:
    """Compare every file of the groups with what its network needs."""
    wanted = set(groups)
    for file in weights.FILES:
        if wanted & set(file.groups):
            yield check_file(folder, file)


def check_file(folder: WeightFolder, file: WeightFile) -> Report:
    """Compare one file, tensor by tensor."""
    path = folder.find(file)
    if path is None and file.made_here:
        return Report(
            file, None, "missing", "made with: python cli.py weights download joyvasa --only animal"
        )
    if path is None:
        return Report(file, None, "missing", f"{file.address} ({file.licence}; {file.size})")
    try:
        if file is weights.MOTION_TEMPLATE:
            arrays = read_template(folder)
            MotionTemplate.from_arrays(arrays)
            return Report(file, path, "made up" if MADE_UP in arrays else "ok")
        if file is weights.TEXT_CODES:
            read_codes(path)
            return Report(file, path, "made up" if read_checkpoint(path).made_up else "ok")
        if file.network is None:
            look_at_start(path)
            return Report(file, path, "ok")
        opened = open_file(path, file.network)
    except (WeightsError, WeightsMissing, OSError) as error:
        return Report(file, path, "wrong", str(error))
    except (KeyError, ValueError) as error:
        return Report(file, path, "wrong", f"{path} is not a motion template: {error}.")
    note = f"{len(opened.extra)} tensors that are not used" if opened.extra else ""
    return Report(file, path, "made up" if opened.made_up is not None else "ok", note)


def is_made_up(file: WeightFile, path: Path) -> bool:
    """Whether a file was written by `synthesize`; False for one that cannot be read."""
    try:
        if file is weights.MOTION_TEMPLATE:
            return MADE_UP in read_pickle(path)
        return bool((file.network or file is weights.TEXT_CODES) and read_checkpoint(path).made_up)
    except (WeightsError, TypeError):
        return False


def has_made_up(folder: WeightFolder, *, animal: bool = False) -> bool:
    """Whether any file that a mode uses was made up: what is rendered with it has to say so."""
    group = weights.ANIMAL if animal else weights.HUMAN
    used = ((file, folder.find(file)) for file in weights.FILES if group in file.groups)
    return any(path is not None and is_made_up(file, path) for file, path in used)


def needed(folder: WeightFolder) -> tuple[str, ...]:
    """The groups that should be complete: human mode, and animal mode once one of its own files is there."""
    own = (file for file in weights.FILES if file.groups == (weights.ANIMAL,))
    return (weights.HUMAN, *([weights.ANIMAL] if any(map(folder.find, own)) else ()))


def convert_files(folder: WeightFolder) -> Iterator[tuple[Path, Path]]:
    """Write the safetensors form of every checkpoint that has none, or an older one; yields old and new.

    Raises WeightsError for a file that does not fit its network, OutputError when the disk refuses.
    """
    for file in weights.FILES:
        path = folder.find(file)
        if file.network is None or path is None or path.suffix == ".safetensors":
            continue
        opened = open_file(path, file.network)
        target = converted_path(path)
        write_safetensors(target, opened.tensors, opened.facts, opened.made_up)
        yield path, target
