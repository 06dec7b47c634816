"""The statistics of a dataset's motions: means, standard deviations and limits over its training videos."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from media.errors import DatasetError
from training.dataset.arrays import read_arrays, write_arrays

FILE = "template.safetensors"


def read_template(root: Path) -> dict[str, np.ndarray]:
    """`mean_exp`, `std_exp`, `min_exp`, `max_exp`, `abs_max_exp` and so on, float32, of a dataset's folder.

    Raises DatasetError if there is none.
    """
    path = Path(root) / FILE
    if not path.is_file():
        raise DatasetError("{path} is missing; run prepare again with --resume to create it.", path=path)
    return read_arrays(path)


def write_template(root: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write the template in one step."""
    part = Path(root) / ".part-template"
    write_arrays(part, arrays)
    part.replace(Path(root) / FILE)
