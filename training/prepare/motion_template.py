"""The template of a dataset's motions: the statistics that normalise them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import numpy as np

from engines.joyvasa.motion.pose import rotation
from engines.weights.catalogue import RANDOM_MARK
from media.errors import DatasetError
from training.dataset.arrays import read_arrays
from training.dataset.items import ITEMS
from training.dataset.template import write_template
from training.prepare.motion_item import MOTION
from training.prepare.pickled import write_pickle

NAMES = ("scale", "R", "t", "exp", "pitch", "yaw", "roll", "lip", "eyes")
"""The quantities in the statistics, in the published file's order; R is the rotation's nine numbers."""
KINDS = ("mean", "std", "max", "min", "abs_max")


def motion_statistics(clips: Iterable[Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """`mean_exp`, `std_exp`, `max_exp`, `min_exp`, `abs_max_exp` and so on, over all frames of all clips.

    clips: arrays (n, width) of exp, scale, t, pitch, yaw, roll, lip and eyes; one clip is held at a time. The
    standard deviation is the population's. Returns (width,) float32 each. Raises DatasetError if there are no
    frames.
    """
    gathered: dict[str, _Gathered] = {}
    for clip in clips:
        whole = {**clip, "R": rotation(clip["pitch"], clip["yaw"], clip["roll"]).reshape(-1, 9)}
        for name in NAMES:
            if len(rows := whole[name].astype(np.float64)):
                gathered.setdefault(name, _Gathered(rows.shape[1])).add(rows)
    if not gathered:
        raise DatasetError("A motion template needs at least 1 frame of motion, and there are 0.")
    made = {name: gathered[name].finish() for name in NAMES}
    return {f"{kind}_{name}": made[name][kind] for kind in KINDS for name in NAMES}


def template_over(root: Path, names: Collection[str]) -> dict[str, np.ndarray]:
    """Make the template of a dataset's folder over the items named. Raises DatasetError for none."""
    arrays = motion_statistics(read_arrays(root / ITEMS / name / MOTION) for name in sorted(names))
    write_template(root, arrays)
    return arrays


def write_template_file(
    path: Path, arrays: Mapping[str, np.ndarray], *, random_weights: bool = False
) -> Path:
    """Write the file that the engine and the public program read: a pickle of named arrays, in one step.

    random_weights: whether the motions come from random weights; the file then says so.
    """
    content = {name: np.asarray(value, np.float32) for name, value in arrays.items()}
    write_pickle(path, {**content, RANDOM_MARK: 1} if random_weights else content)
    return path


class _Gathered:
    """Mean and squared deviation, combined piece by piece, which keeps precision in large sums
    (Chan et al.).
    """

    def __init__(self, width: int) -> None:
        self._count = 0
        self._mean, self._squares = np.zeros(width), np.zeros(width)
        self._least, self._greatest = np.full(width, np.inf), np.full(width, -np.inf)

    def add(self, rows: np.ndarray) -> None:
        """(n, width) float64, n above 0."""
        total = self._count + len(rows)
        mean = rows.mean(axis=0)
        step = mean - self._mean
        self._squares += ((rows - mean) ** 2).sum(axis=0) + step**2 * self._count * len(rows) / total
        self._mean += step * len(rows) / total
        self._least = np.minimum(self._least, rows.min(axis=0))
        self._greatest = np.maximum(self._greatest, rows.max(axis=0))
        self._count = total

    def finish(self) -> dict[str, np.ndarray]:
        """Float32 by the names of `KINDS`."""
        values = {
            "mean": self._mean,
            "std": np.sqrt(self._squares / self._count),
            "max": self._greatest,
            "min": self._least,
            "abs_max": np.maximum(np.abs(self._least), np.abs(self._greatest)),
        }
        return {kind: value.astype(np.float32) for kind, value in values.items()}
