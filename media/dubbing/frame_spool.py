"""Frames on disk, for reading them in an order other than that of decoding."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from media.closeable import Closeable
from media.output_file import explain_output_error

SPOOL_BYTES = 512_000_000
"""Largest number of bytes of frames on disk for one video."""


class FrameSpool(Closeable):
    """Packed frames of one size in a temporary file without a name, which vanishes with the process."""

    def __init__(self, frame_bytes: int) -> None:
        self._bytes = frame_bytes
        self._count = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by close()

    def __len__(self) -> int:
        return self._count

    def add(self, packed: np.ndarray) -> None:
        """Add a frame: (frame_bytes,) uint8. Raises OutputError if the disk is full."""
        try:
            self._file.seek(self._count * self._bytes)
            self._file.write(packed.data)
        except OSError as error:
            raise explain_output_error(error, Path(tempfile.gettempdir()) / "frames") from None
        self._count += 1

    def get(self, place: int) -> np.ndarray:
        """The frame that was added as number `place`, from 0."""
        self._file.seek(place * self._bytes)
        return np.frombuffer(self._file.read(self._bytes), np.uint8)

    def close(self) -> None:
        """Remove the frames."""
        self._file.close()


def fitting(frame_bytes: int) -> int:
    """How many frames of a size may be on disk, at least 1."""
    return max(1, SPOOL_BYTES // frame_bytes)
