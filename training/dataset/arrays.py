"""Named arrays of an item, in safetensors; stretches of long ones are read without the rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from media.errors import DatasetError


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays into one file. The caller sees to it that it appears whole."""
    from safetensors.numpy import save_file

    save_file({name: np.ascontiguousarray(value) for name, value in arrays.items()}, str(path))


def read_arrays(path: Path, *names: str) -> dict[str, np.ndarray]:
    """The named arrays, all where none is named. Raises DatasetError where one or the file is missing."""
    with _Opened(path) as file:
        known = set(file.keys())
        if missing := [name for name in names if name not in known]:
            raise DatasetError(
                f"{path} lacks {', '.join(missing)}; delete the folder it is in and prepare the videos again "
                "with --resume."
            )
        return {name: file.get_tensor(name) for name in names or sorted(known)}


def read_rows(path: Path, name: str, start: int, stop: int) -> np.ndarray:
    """Rows start up to stop of one array; only they are read, and fewer where it is shorter.

    Raises as `read_arrays`.
    """
    with _Opened(path) as file:
        if name not in file.keys():  # noqa: SIM118 - it is no mapping
            raise DatasetError(
                f"{path} lacks {name}; delete the folder it is in and prepare the videos again with --resume."
            )
        rows = file.get_slice(name)
        end = min(stop, rows.get_shape()[0])
        return rows[min(start, end) : end]


class _Opened:
    """A safetensors file whose faults are told as a DatasetError."""

    def __init__(self, path: Path) -> None:
        from safetensors import SafetensorError, safe_open

        try:
            self._file = safe_open(str(path), framework="numpy")
        except (SafetensorError, OSError) as error:
            raise DatasetError(
                f"{path} cannot be read ({' '.join(str(error).split())[:100]}); delete the folder it is in "
                "and prepare the videos again with --resume."
            ) from None

    def __enter__(self):
        return self._file.__enter__()

    def __exit__(self, *error: object) -> None:
        self._file.__exit__(*error)
