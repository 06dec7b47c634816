"""The contract of what writes a performance into a file, a few frames at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import BinaryIO

import numpy as np

from media.performance.performance import PerformanceHead


class PerformanceWriter(ABC):
    """Writes one file. Its memory does not grow with the number of frames."""

    def __init__(self, file: BinaryIO, about: PerformanceHead) -> None:
        """file: open for writing, at its beginning. Raises OSError."""
        self.file, self.about = file, about
        self.done = 0
        """Frames written so far."""

    def add(self, values: np.ndarray, rotations: np.ndarray) -> None:
        """Write the next frames.

        values: (k, 52) float32, 0..1, columns as BLENDSHAPES. rotations: (k, 9) float32 radians, columns as
        ROTATIONS. A row of values that is NaN is a dropped frame. Raises OSError.
        """
        self.write(values, rotations)
        self.done += len(values)

    @abstractmethod
    def write(self, values: np.ndarray, rotations: np.ndarray) -> None:
        """What a format does for `add`; `done` is the number of the first of the frames."""

    def finish(self) -> None:
        """Write what comes after the last frame. Raises OSError."""

    def close(self) -> None:
        """Release what the writer holds besides the file, also after an error."""
