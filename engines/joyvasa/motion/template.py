"""The motion template: the ranges by which generated numbers become motion, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.joyvasa.motion.pose import HeadMotion

RANGES = {"scale": 1, "t": 3, "pitch": 1, "yaw": 1, "roll": 1}
"""What follows the 63 numbers of expression in a motion vector, in order, with widths."""
EXPRESSION = 63
TINY = 1e-9
"""Added to divisors when normalising, as in training."""


@dataclass(frozen=True, eq=False)
class MotionTemplate:
    """Statistics of the training data, all float32: expression by mean and deviation (63,), the head's
    seven numbers (scale, t, pitch, yaw, roll; angles in degrees) by least and greatest (7,).
    """

    mean_exp: np.ndarray
    std_exp: np.ndarray
    least: np.ndarray
    greatest: np.ndarray

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> MotionTemplate:
        """From the template file's entries mean_exp, std_exp, min_* and max_* (other entries are ignored).

        Raises KeyError for a missing entry and ValueError for one of another size.
        """

        def entry(name: str, size: int) -> np.ndarray:
            value = np.asarray(arrays[name], np.float32).reshape(-1)
            if value.size != size:
                raise ValueError(f"the motion template's {name} has {value.size} numbers instead of {size}")
            return value

        return cls(
            entry("mean_exp", EXPRESSION),
            entry("std_exp", EXPRESSION),
            np.concatenate([entry(f"min_{name}", size) for name, size in RANGES.items()]),
            np.concatenate([entry(f"max_{name}", size) for name, size in RANGES.items()]),
        )

    @classmethod
    def random_weights(cls) -> MotionTemplate:
        """Plausible ranges for random weights: a head that turns a little and a face that moves a little."""
        least = np.array([0.95, -0.05, -0.05, -0.05, -12, -15, -8], np.float32)
        greatest = np.array([1.05, 0.05, 0.05, 0.05, 12, 15, 8], np.float32)
        return cls(np.zeros(EXPRESSION, np.float32), np.full(EXPRESSION, 0.01, np.float32), least, greatest)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The entries that `from_arrays` reads, by the file's names."""
        arrays = {"mean_exp": self.mean_exp, "std_exp": self.std_exp}
        ends = np.cumsum(list(RANGES.values()))[:-1]
        for side, values in (("min", self.least), ("max", self.greatest)):
            parts = zip(RANGES, np.split(values, ends), strict=True)
            arrays |= {f"{side}_{name}": part for name, part in parts}
        return arrays

    def motion(self, vectors: np.ndarray) -> HeadMotion:
        """Motion from generated vectors (k, 70) float32."""
        vectors = np.asarray(vectors, np.float32)
        exp = vectors[:, :EXPRESSION] * self.std_exp + self.mean_exp
        head = vectors[:, EXPRESSION:] * (self.greatest - self.least) + self.least
        return HeadMotion.from_vectors(np.concatenate([exp, head], axis=1))

    def vectors(self, motion: HeadMotion) -> np.ndarray:
        """The normalised vectors (k, 70) float32 of a motion, as in training; the inverse of `motion`."""
        raw = motion.to_vectors()
        exp = (raw[:, :EXPRESSION] - self.mean_exp) / (self.std_exp + TINY)
        head = (raw[:, EXPRESSION:] - self.least) / (self.greatest - self.least + TINY)
        return np.concatenate([exp, head], axis=1).astype(np.float32, copy=False)
