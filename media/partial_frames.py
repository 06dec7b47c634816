"""Frames in which only one rectangle of a still picture changes, from an engine that moves only a face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import overload

import numpy as np

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in pixels; x1 and y1 lie outside."""


@dataclass(frozen=True, eq=False)
class PartialFrames:
    """A batch of frames, (n, H, W, 3) uint8 RGB, of which only the changed rectangle is stored.

    It reads like such an array: `len`, `shape`, one frame by its number, several by a slice, all by
    `numpy.asarray`. Its arrays are read-only. An encoder converts the still picture once and then only the
    rectangle, so batches of one video have to share the same `still` object.
    """

    still: np.ndarray
    """(H, W, 3) uint8: what all frames show outside the rectangle."""
    left: int
    top: int
    parts: np.ndarray
    """(n, h, w, 3) uint8: the rectangle of each frame, which begins at (left, top)."""

    def __post_init__(self) -> None:
        """Raises ValueError for arrays that are not such frames, and a rectangle outside the picture."""
        for name, array, dimensions in (("still", self.still, 3), ("parts", self.parts, 4)):
            if array.ndim != dimensions or array.shape[-1] != 3 or array.dtype != np.uint8:
                raise ValueError(f"{name} must be uint8 RGB, not {array.shape} {array.dtype}")
        x0, y0, x1, y1 = self.box
        height, width = self.still.shape[:2]
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
            raise ValueError(f"the rectangle {self.box} is not inside a picture of {width}x{height}")

    @property
    def box(self) -> Box:
        """The changed rectangle."""
        height, width = self.parts.shape[1:3]
        return self.left, self.top, self.left + width, self.top + height

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, H, W, 3)."""
        return (len(self.parts), *self.still.shape)

    @property
    def ndim(self) -> int:
        """4, as of the whole frames."""
        return 4

    @property
    def dtype(self) -> np.dtype:
        """uint8."""
        return self.parts.dtype

    def whole(self) -> np.ndarray:
        """The frames in full: a new (n, H, W, 3) array."""
        frames = np.empty(self.shape, np.uint8)
        frames[:] = self.still
        x0, y0, x1, y1 = self.box
        frames[:, y0:y1, x0:x1] = self.parts
        return frames

    def cut(self, number: int, box: Box, out: np.ndarray) -> None:
        """Copy another rectangle of one frame, which holds the changed one, into an (h, w, 3) array."""
        x0, y0, x1, y1 = box
        out[:] = self.still[y0:y1, x0:x1]
        px0, py0, px1, py1 = self.box
        out[py0 - y0 : py1 - y0, px0 - x0 : px1 - x0] = self.parts[number]

    def __len__(self) -> int:
        return len(self.parts)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...

    @overload
    def __getitem__(self, index: slice) -> PartialFrames: ...

    def __getitem__(self, index: int | slice) -> np.ndarray | PartialFrames:
        if isinstance(index, slice):
            return replace(self, parts=self.parts[index])
        return replace(self, parts=self.parts[index][None]).whole()[0]

    def __iter__(self) -> Iterator[np.ndarray]:
        for part in self.parts:
            yield replace(self, parts=part[None]).whole()[0]

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        whole = self.whole()
        return whole if dtype is None else whole.astype(dtype, copy=False)


def surrounding(one: Box, other: Box) -> Box:
    """The smallest rectangle that holds both."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
