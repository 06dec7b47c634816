"""Reads and writes an item's named arrays in safetensors; parts of long arrays are read without the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from media.documents.tensor_file import open_tensors
from media.errors import DatasetError, DocumentError


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays into one file. The caller makes sure that it appears complete."""
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, str(path))


def read_arrays(path: Path, *names: str) -> dict[str, np.ndarray]:
    """The named arrays, or all if none is named. Raises DatasetError if one or the file is missing."""
    with _opened(path) as file:
        known = set(file.keys())
        if missing := [name for name in names if name not in known]:
            raise DatasetError(
                "{path} lacks {missing}; delete its folder and prepare the videos again with --resume.",
                path=path,
                missing=", ".join(missing),
            )
        return {name: file.get_tensor(name) for name in names or sorted(known)}


def read_rows(path: Path, name: str, start: int, stop: int) -> np.ndarray:
    """Rows start up to stop of one array; only these are read, and fewer if the array is shorter.

    Raises as `read_arrays`.
    """
    with _opened(path) as file:
        if name not in file.keys():  # noqa: SIM118 - it is not a mapping
            raise DatasetError(
                "{path} lacks {name}; delete its folder and prepare the videos again with --resume.",
                path=path,
                name=name,
            )
        rows = file.get_slice(name)
        end = min(stop, rows.get_shape()[0])
        return rows[min(start, end) : end]


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a safetensors file; errors become a DatasetError."""
    try:
        with open_tensors(path, "numpy") as file:
            yield file
    except DocumentError as error:
        raise DatasetError(
            "{path} cannot be read ({reason}); delete its folder and prepare the videos again with --resume.",
            path=path,
            reason=error,
        ) from None
