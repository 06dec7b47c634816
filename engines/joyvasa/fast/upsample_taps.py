"""A 3-tap convolution after nearest-neighbour enlargement, computed on the small map.

Enlarging by r repeats every cell r times along an axis, so neighbouring taps often meet the same value and
their weights add up; and cells of the result that meet the same values are equal. Along one axis:

    r = 2   enlarged   A A B B C C        a result of 3 taps has 2 different values per cell, of 2 taps each
    r = 4   enlarged   A A A A B B B B    3 different values per cell: of 2 taps, of 1 (twice), of 2

The different values per cell are kept as a grid of `slots`. A second convolution starts from that grid. Zeros
outside the enlarged map are zeros outside the grid, so borders come out exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

TAPS = 3


@dataclass(frozen=True)
class TapReading:
    """The slots that one value of the result is made of, along one axis.

    start: the first slot, counted from the cell's own first one; may be negative or lie in the next cell.
    taps: for each of the three taps, which slot after `start` it reads.
    """

    start: int
    taps: tuple[int, ...]

    @property
    def length(self) -> int:
        """Number of slots read."""
        return max(self.taps) + 1

    def merge(self, weight: Tensor, axis: int) -> Tensor:
        """Add up the weights of taps that read the same slot: 3 entries along `axis` become `length`."""
        shape = list(weight.shape)
        shape[axis] = self.length
        index = torch.tensor(self.taps, device=weight.device)
        return weight.new_zeros(shape).index_add_(axis, index, weight)


@dataclass(frozen=True)
class EnlargedCell:
    """A cell along one axis: for each of its enlarged positions, the slot that holds the value."""

    slots: tuple[int, ...]

    @property
    def count(self) -> int:
        """Different values per cell."""
        return max(self.slots) + 1

    def slot(self, position: int) -> int:
        """The slot at an enlarged position, which may lie in a neighbouring cell."""
        cell, inside = divmod(position, len(self.slots))
        return cell * self.count + self.slots[inside]

    def convolved(self) -> tuple[EnlargedCell, tuple[TapReading, ...]]:
        """The grid of the result of a 3-tap convolution, and what each of its slots reads from this grid."""
        seen: dict[tuple[int, ...], int] = {}
        slots = tuple(seen.setdefault(self._read(p), len(seen)) for p in range(len(self.slots)))
        return EnlargedCell(slots), tuple(_reading(read) for read in seen)

    def readings(self) -> tuple[TapReading, ...]:
        """What a 3-tap convolution reads from this grid at each enlarged position."""
        return tuple(_reading(self._read(p)) for p in range(len(self.slots)))

    def _read(self, position: int) -> tuple[int, ...]:
        return tuple(self.slot(position + tap - TAPS // 2) for tap in range(TAPS))


def enlarged(factor: int) -> EnlargedCell:
    """The grid of a map enlarged `factor` times: all positions of a cell hold one value."""
    return EnlargedCell((0,) * factor)


def _reading(read: Sequence[int]) -> TapReading:
    return TapReading(read[0], tuple(slot - read[0] for slot in read))
