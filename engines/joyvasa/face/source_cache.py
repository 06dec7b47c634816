"""Caches what was computed from recent portraits, so that another job with one of them begins at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
import torch

Value = TypeVar("Value")

MOST = 8
MOST_BYTES = 256_000_000
"""A portrait takes one entry of 10 MB, and one of 16 MB for each renderer that it was prepared for."""


class SourceCache:
    """The most recently used values, within a number and a size. Safe for several threads.

    most: the largest number of values. most_bytes: their largest total size; a larger value is not cached.
    """

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, made if it is not cached. What `make` raises is passed on, and nothing is
        cached.

        Two threads that miss the same key at once both make it, and both get the one that was ready first:
        waiting would delay one job by another.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        made = make()
        size = size_of(made)
        with self._lock:
            if key not in self._kept and size <= self._most_bytes and self._most > 0:
                self._kept[key] = made, size
                while len(self._kept) > self._most or self._bytes() > self._most_bytes:
                    self._kept.popitem(last=False)
            return self._kept[key][0] if key in self._kept else made

    def clear(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._kept.clear()

    @property
    def size(self) -> int:
        """Bytes of all values."""
        with self._lock:
            return self._bytes()

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)

    def _bytes(self) -> int:
        return sum(size for _, size in self._kept.values())


def size_of(value: Any) -> int:
    """Bytes of the arrays and tensors in a value made of dataclasses, tuples and lists."""
    if isinstance(value, torch.Tensor):
        return value.element_size() * value.nelement()
    if isinstance(value, np.ndarray):
        return value.nbytes
    inner: Iterable[Any] = ()
    if is_dataclass(value):
        inner = (getattr(value, field.name) for field in fields(value))
    elif isinstance(value, tuple | list):
        inner = value
    return sum(size_of(part) for part in inner)
