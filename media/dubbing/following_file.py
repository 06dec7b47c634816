"""Keeps the landmarks of a whole video in a file, so that memory does not grow with its length."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import numpy as np

from media.output_file import explain_output_error

POINTS = 478
LEVELS = 32767
"""Steps from the middle of a face to its farthest landmark, on each axis: landmarks are kept to half a step,
which is 0.005 pixels in a face of 600 pixels. Half floats would be off by 0.15.
"""
RECORD_BYTES = POINTS * 3 * 2
RECENT = 512
"""Records whose landmarks stay in memory, 3 MB: smoothing reads those of two seconds again for each frame."""


class RecordFile:
    """Records of one size in the order in which they were added. Has no name in its folder, so it also
    disappears if the process is killed. Many threads may read at once.
    """

    def __init__(self, folder: Path, size: int) -> None:
        """size: bytes of a record. Raises OutputError if the folder cannot be written."""
        self._folder, self._size = folder, size
        try:
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115
        except OSError as error:
            raise explain_output_error(error, folder / "landmarks") from error
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, record: bytes) -> None:
        """Add one record. Raises OutputError if the disk is full."""
        begin, written = self._count * self._size, 0
        try:
            while written < self._size:
                written += os.pwrite(self._file.fileno(), record[written:], begin + written)
        except OSError as error:
            raise explain_output_error(error, self._folder / "landmarks") from error
        self._count += 1

    def read(self, number: int) -> bytes:
        """One record. number: from 0."""
        return os.pread(self._file.fileno(), self._size, number * self._size)

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()


class LandmarkFile:
    """Landmarks in the order in which they were added, in a RecordFile. Many threads may read at once."""

    def __init__(self, folder: Path) -> None:
        """Raises OutputError if the folder cannot be written."""
        self._file = RecordFile(folder, RECORD_BYTES)
        self._recent: dict[int, np.ndarray] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._file)

    def add(self, landmarks: np.ndarray) -> tuple[float, float, float, float]:
        """Append (478, 3) landmarks. Returns their middle (x, y, z) and the largest distance from it on an
        axis, in pixels, which `read` needs. Raises OutputError if the disk is full.
        """
        low, high = landmarks.min(axis=0), landmarks.max(axis=0)
        middle = (low + high) / 2
        reach = max(float((high - low).max()) / 2, 1e-6)
        self._file.append(np.rint((landmarks - middle) * (LEVELS / reach)).astype(np.int16).tobytes())
        return float(middle[0]), float(middle[1]), float(middle[2]), reach

    def read(self, number: int, middle: np.ndarray, reach: float) -> np.ndarray:
        """(478, 3) float32 landmarks of one record, read-only. number: from 0. middle, reach: as `add`
        returned them.
        """
        with self._lock:
            points = self._recent.get(number)
        if points is None:
            steps = np.frombuffer(self._file.read(number), np.int16).reshape(POINTS, 3)
            points = steps * np.float32(reach / LEVELS) + np.asarray(middle, np.float32)
            points.flags.writeable = False
            with self._lock:
                self._recent[number] = points
                if len(self._recent) > RECENT:
                    del self._recent[next(iter(self._recent))]
        return points

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()
