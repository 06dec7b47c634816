"""Reduces curves to the keys between which straight lines suffice."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO, BinaryIO

import numpy as np

IN_MEMORY = 16_384
"""Bytes of keys of one curve that stay in memory; more go to a temporary file."""
COPIED = 2**16


class LinearKeys:
    """Keys of several curves, frame by frame, as text `[seconds,value],[seconds,value]`.

    Lines between the keys stay within `tolerance` of every frame (the swinging door of Bristol 1990). Memory
    does not grow with the number of frames.
    """

    def __init__(self, curves: int, tolerance: float = 0.004) -> None:
        self._tolerance = tolerance
        self._open = ExitStack()
        self._spools: list[IO[bytes]] = [
            self._open.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
            for _ in range(curves)
        ]
        self._time = -1.0
        self._start = self._last = np.zeros(curves)
        self._begun = np.zeros(curves)
        self._low, self._high = np.full(curves, -np.inf), np.full(curves, np.inf)
        self.largest = np.zeros(curves)
        """The largest distance from 0 of each curve."""

    def add(self, time: float, row: np.ndarray) -> None:
        """The next frame. time: seconds, more than before. row: (curves,)."""
        row = row.astype(np.float64)
        self.largest = np.maximum(self.largest, np.abs(row))
        if self._time < 0:
            self._key(range(len(row)), time, row)
            self._start, self._begun = row.copy(), np.full(len(row), time)
        else:
            slope = (row - self._start) / (time - self._begun)
            for number in np.flatnonzero((slope < self._low) | (slope > self._high)):
                self._key((number,), self._time, self._last)
                self._start[number], self._begun[number] = self._last[number], self._time
                self._low[number], self._high[number] = -np.inf, np.inf
            reach = self._tolerance / (time - self._begun)
            slope = (row - self._start) / (time - self._begun)
            self._low, self._high = (
                np.maximum(self._low, slope - reach),
                np.minimum(self._high, slope + reach),
            )
        self._time, self._last = time, row

    def finish(self) -> None:
        """Add the last frame's keys where they are missing."""
        for number in range(len(self._spools)):
            if self._begun[number] != self._time:
                self._key((number,), self._time, self._last)

    def copy(self, number: int, file: BinaryIO) -> None:
        """Write a curve's keys into a file. Raises OSError."""
        spool = self._spools[number]
        spool.seek(0)
        while piece := spool.read(COPIED):
            file.write(piece)

    def close(self) -> None:
        """Release the temporary files."""
        self._open.close()

    def _key(self, numbers: Iterable[int], time: float, row: np.ndarray) -> None:
        for number in numbers:
            spool = self._spools[number]
            spool.write((b"," if spool.tell() else b"") + f"[{time:.4f},{row[number]:.5g}]".encode())
