"""A line of samples that wait."""

from __future__ import annotations

from collections import deque

import numpy as np

_JOINED = 1024
"""Shorter parts are joined with the next: as an array, a single sample would take a hundred bytes."""


class Samples:
    """Samples are added at the end and taken from the front."""

    def __init__(self, dtype: type) -> None:
        self._dtype = dtype
        self._parts: deque[np.ndarray] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, samples: np.ndarray) -> None:
        """Add (n,) samples."""
        self._count += len(samples)
        if self._parts and len(self._parts[-1]) < _JOINED:
            samples = np.concatenate([self._parts.pop(), samples])
        if len(samples):
            self._parts.append(samples)

    def first(self, count: int) -> np.ndarray:
        """The first `count` samples, or all if there are fewer; they stay in the line."""
        found, left = [], count
        for part in self._parts:
            if left <= 0:
                break
            found.append(part[:left])
            left -= len(part)
        return np.concatenate(found) if found else np.zeros(0, self._dtype)

    def take(self, count: int) -> np.ndarray:
        """The first `count` samples, filled up with zeros; they leave the line."""
        taken = self.first(count)
        left = len(taken)
        self._count -= left
        while left:
            part = self._parts.popleft()
            if len(part) > left:
                self._parts.appendleft(part[left:])
            left -= min(left, len(part))
        missing = count - len(taken)
        return np.concatenate([taken, np.zeros(missing, self._dtype)]) if missing else taken
