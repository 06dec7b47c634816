"""Writes weight files, complete or not at all, and never over published ones."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from engines.weights.catalogue import RANDOM_MARK, WeightFile, WeightFolder, converted_path
from engines.weights.reading import read_checkpoint
from media.errors import OutputError


def write_whole(path: Path, save: Callable[[Path], None]) -> Path:
    """Let `save` write a file, move it to `path`, and delete the converted form of the previous file.

    Raises OutputError if the file cannot be written.
    """
    begun = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(begun)
        begun.replace(path)
        if converted_path(path) != path:
            converted_path(path).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
        raise OutputError(
            "{path} cannot be written ({reason}).", path=path, reason=" ".join(str(error).split())[:100]
        ) from error
    finally:
        begun.unlink(missing_ok=True)
    return path


def mark_random(content: OrderedDict[str, Any], how: Mapping[str, Any]) -> None:
    """Mark a PyTorch file as random weights, with how they were generated.

    The mark is an attribute of the outer dict, like PyTorch's own `_metadata` of a state dict: public
    programs that load the file by names and tensors would refuse an additional entry.
    """
    setattr(content, RANDOM_MARK, dict(how))


def spare_published(folder: WeightFolder, files: Iterable[WeightFile]) -> None:
    """Raises OutputError for the first existing file that has no random weights."""
    for file in files:
        found = folder.find(file)
        if found is not None and not read_checkpoint(found).random_weights:
            raise OutputError(
                "{found} does not contain random weights and was not changed; choose another folder with "
                "--root.",
                found=found,
            )
