"""Pickles for the public JoyVASA program: plain values only, written completely or not at all, and read
without executing them.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from engines.weights.pickles import read_pickle
from media.errors import DatasetError, WeightsError
from media.output_file import OutputFile

LARGEST = 16 * 2**30
"""Bytes. `motions.pkl` holds every motion of a dataset, some 3 kB per frame."""


def write_pickle(path: Path, content: Any) -> None:
    """Write plain containers and numpy arrays. Raises OutputError if the file cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = OutputFile(path)
    try:
        with file.path.open("wb") as stream:
            pickle.dump(content, stream, protocol=4)
    except BaseException:
        file.discard()
        raise
    file.keep()


def read_numbers(path: Path) -> Any:
    """The containers, numbers and arrays of a pickle, which is not executed.

    Raises DatasetError if it is missing, damaged or contains anything else.
    """
    try:
        return read_pickle(path, LARGEST, most_steps=LARGEST)
    except FileNotFoundError:
        raise DatasetError('"{path}" is missing; make it with the public program first.', path=path) from None
    except (WeightsError, OSError) as error:
        raise DatasetError("{path} cannot be used: {reason}", path=path, reason=error) from None
