"""Puts weight files where they belong: complete or not at all, and never over published ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from engines.weights.catalogue import WeightFile, WeightFolder, converted_path
from engines.weights.reading import read_checkpoint
from media.errors import OutputError


def write_whole(path: Path, save: Callable[[Path], None]) -> Path:
    """Have `save` write a file, then put it at `path` and take away the converted form of what was there.

    Raises OutputError when the disk refuses.
    """
    begun = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save(begun)
        begun.replace(path)
        if converted_path(path) != path:
            converted_path(path).unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as RuntimeError
        raise OutputError(f"{path} cannot be written ({' '.join(str(error).split())[:100]}).") from error
    finally:
        begun.unlink(missing_ok=True)
    return path


def spare_published(folder: WeightFolder, files: Iterable[WeightFile]) -> None:
    """Raises OutputError for the first file that is there and holds no random weights."""
    for file in files:
        found = folder.find(file)
        if found is not None and not read_checkpoint(found).random_weights:
            raise OutputError(
                f"{found} does not contain random weights and was not changed; choose another folder "
                "with --root."
            )
