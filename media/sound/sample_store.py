"""Where the samples of a voice are: in memory, or in a file that goes with them once they are many.

An hour at 16 kHz is 230 MB. The file has no name, so nothing can be left behind. Its array is an ordinary
one; the system loads its pages as they are read.
"""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from media.errors import OutputError
from media.output_file import explain_output_error

IN_MEMORY = 5 * 60 * 16_000
"""Samples that are kept in memory at most: five minutes of a voice, 19 MB."""
_GROWTH = 60 * 16_000
_READ = 60 * 16_000


class SampleStore:
    """Collects float32 samples of unknown number."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._buffer = np.empty(min(_GROWTH, in_memory), np.float32)
        self._filled = 0
        self._file: IO[bytes] | None = None
        self._count = 0

    def __len__(self) -> int:
        """The number of samples so far."""
        return self._count

    def append(self, samples: np.ndarray) -> None:
        """Add (n,) float32. Raises OutputError if the disk is full."""
        self._count += len(samples)
        if self._count > self._in_memory:
            self._write(samples)
            return
        end = self._filled + len(samples)
        if end > len(self._buffer):  # realloc moves pages, not bytes: no second copy in memory
            self._buffer.resize(max(end, len(self._buffer) + _GROWTH), refcheck=False)
        self._buffer[self._filled : end] = samples
        self._filled = end

    def finish(self, count: int) -> np.ndarray:
        """The first `count` samples, (count,) float32, read-only; zeros follow where fewer came."""
        if self._count < count:
            self.append(np.zeros(count - self._count, np.float32))
        if self._file is None:
            self._buffer.resize(count, refcheck=False)
            self._buffer.flags.writeable = False
            return self._buffer
        try:
            self._file.flush()
        except OSError as error:
            raise _no_room(error) from error
        mapped = mmap.mmap(self._file.fileno(), 4 * count, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, np.float32)

    def close(self) -> None:
        """Close the file, whether or not `finish` was called. The samples of `finish` stay valid."""
        if self._file is not None:
            self._file.close()

    def _write(self, samples: np.ndarray) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
                self._file.write(self._buffer[: self._filled].data)
                self._buffer = np.empty(0, np.float32)
            self._file.write(np.ascontiguousarray(samples, np.float32).data)
        except OSError as error:
            raise _no_room(error) from error


def _no_room(error: OSError) -> OutputError:
    return explain_output_error(error, Path(tempfile.gettempdir()) / "voice")


def release_pages(samples: np.ndarray) -> None:
    """Give back the memory of samples that are in a file; what is read again is loaded again.

    Call it now and then while you go through a long voice. It does nothing for samples in memory.
    """
    base: object = samples.base
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
        base.madvise(mmap.MADV_DONTNEED)


def in_parts(samples: np.ndarray) -> Iterator[np.ndarray]:
    """The samples a minute at a time, with the memory of those in a file given back in between."""
    for start in range(0, len(samples), _READ):
        yield samples[start : start + _READ]
        release_pages(samples)
