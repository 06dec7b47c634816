"""Collects pieces of any length into blocks of one length."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np


class Blocks:
    """Takes (n, channels) float32 pieces and returns blocks of a fixed length; the last may be shorter."""

    def __init__(self, channels: int, length: int) -> None:
        """length: samples per channel in a full block."""
        self._length = length
        self._block = np.empty((length, channels), np.float32)
        self._filled = 0

    def add(self, piece: np.ndarray) -> Iterator[np.ndarray]:
        """The blocks that a piece completes."""
        done = 0
        while done < len(piece):
            step = min(len(piece) - done, self._length - self._filled)
            self._block[self._filled : self._filled + step] = piece[done : done + step]
            self._filled += step
            done += step
            if self._filled == self._length:
                yield self._taken()

    def silence(self, count: int) -> Iterator[np.ndarray]:
        """The blocks that `count` samples of silence complete."""
        while count > 0:
            step = min(count, self._length - self._filled)
            self._block[self._filled : self._filled + step] = 0.0
            self._filled += step
            count -= step
            if self._filled == self._length:
                yield self._taken()

    def rest(self) -> Iterator[np.ndarray]:
        """What is left, if anything."""
        if self._filled:
            yield self._taken()

    def _taken(self) -> np.ndarray:
        block, self._block = self._block[: self._filled], np.empty_like(self._block)
        self._filled = 0
        return block
