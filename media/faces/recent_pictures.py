"""Keeps what was found in the last pictures, so that one that is looked at again is not searched again."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import numpy as np

MOST_PICTURES = 32

Found = TypeVar("Found")


class RecentPictures(Generic[Found]):
    """What a search found in each of the last `MOST_PICTURES` pictures. It keeps a digest of a picture, not
    its pixels. Many threads may use one instance at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[Hashable, Found] = OrderedDict()

    def found(self, image: np.ndarray, asked: Hashable, search: Callable[[], Found]) -> Found:
        """What `search` found in an (H, W, 3) uint8 image of the same pixels, or finds in it now.

        asked: the arguments of the search. search: its result must not be changed; what it raises passes, and
        is not kept.
        """
        pixels = np.ascontiguousarray(image)
        key = (hashlib.blake2b(pixels.data).digest(), pixels.shape, asked)
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        result = search()
        with self._lock:
            self._found[key] = result
            while len(self._found) > MOST_PICTURES:
                self._found.popitem(last=False)
        return result
