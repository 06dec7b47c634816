"""Convolutions whose input is an enlarged map, run on the small map (see upsample_taps.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.joyvasa.fast.upsample_taps import EnlargedCell, TapReading


@dataclass(frozen=True)
class StridedReading:
    """How a strided convolution reaches a reading: zeros around the map, and leading results to drop."""

    length: int
    padding: int
    drop: int

    @classmethod
    def of(cls, reading: TapReading, stride: int) -> StridedReading:
        """The smallest padding with which the result at cell i starts at slot stride * i + reading.start."""
        beyond = max(0, reading.start + reading.length - stride)  # slots read past the last cell
        drop = -(-(reading.start + beyond) // stride) if reading.start + beyond > 0 else 0
        return cls(reading.length, stride * drop - reading.start, drop)


@dataclass(frozen=True)
class CellPart:
    """One value per cell: row and column of the result that it is, and the leading results to drop."""

    row: int
    column: int
    drop_rows: int
    drop_columns: int


class EnlargedConv(nn.Module):
    """A convolution with 3 taps along the last two axes, from a grid of slots.

    Input (n, C, [D,] count * H, count * W). `parts` yields (row, column, value (n, O, [D,] H, W)), one for
    each pair of readings. Parts of the same extent are computed by one convolution.
    """

    def __init__(
        self, weight: Tensor, bias: Tensor, grid: EnlargedCell, readings: Sequence[TapReading]
    ) -> None:
        """weight: (O, C, 3, 3) or (O, C, k, 3, 3); with depth, zeros lie outside it."""
        super().__init__()
        self.stride = grid.count
        self.spatial = weight.dim() - 2
        self.depth = tuple(k // 2 for k in weight.shape[2:-2])
        self.width = len(weight)
        windows = [StridedReading.of(reading, self.stride) for reading in readings]
        groups: dict[tuple[int, ...], list[tuple[CellPart, Tensor]]] = {}
        for (i, y), (j, x) in product(enumerate(readings), repeat=2):
            extent = (windows[i].length, windows[j].length, windows[i].padding, windows[j].padding)
            merged = x.merge(y.merge(weight, self.spatial), self.spatial + 1)
            groups.setdefault(extent, []).append((CellPart(i, j, windows[i].drop, windows[j].drop), merged))
        self.groups = [(extent[2:], [part for part, _ in group]) for extent, group in groups.items()]
        for k, group in enumerate(groups.values()):
            self.register_buffer(f"weight_{k}", torch.cat([merged for _, merged in group]))
            self.register_buffer(f"bias_{k}", bias.repeat(len(group)))

    def parts(self, x: Tensor) -> Iterator[tuple[int, int, Tensor]]:
        """Yield (row, column, value) in any order."""
        height, width = (size // self.stride for size in x.shape[-2:])
        convolve = functional.conv3d if self.spatial == 3 else functional.conv2d
        for k, (padding, members) in enumerate(self.groups):
            result = convolve(
                x,
                self.get_buffer(f"weight_{k}"),
                self.get_buffer(f"bias_{k}"),
                stride=(*(1 for _ in self.depth), self.stride, self.stride),
                padding=(*self.depth, *padding),
            )
            for part, value in zip(members, result.split(self.width, dim=1), strict=True):
                rows = value.narrow(-2, part.drop_rows, height)
                yield part.row, part.column, rows.narrow(-1, part.drop_columns, width)


class ToSlots(EnlargedConv):
    """The convolution of an enlarged map, then ReLU: (n, C, [D,] H, W) -> slots (n, O, [D,] s * H, s * W)."""

    def __init__(self, weight: Tensor, bias: Tensor, grid: EnlargedCell) -> None:
        result, readings = grid.convolved()
        super().__init__(weight, bias, grid, readings)
        self.result = result

    def forward(self, x: Tensor) -> Tensor:
        count = self.result.count
        size = [size // self.stride * count for size in x.shape[-2:]]
        last = torch.channels_last_3d if self.spatial == 3 else torch.channels_last
        layout = torch.contiguous_format if x.is_contiguous() else last
        slots = torch.empty(
            (len(x), self.width, *x.shape[2:-2], *size), dtype=x.dtype, device=x.device, memory_format=layout
        )
        for row, column, value in self.parts(x):
            slots[..., row::count, column::count] = value.relu()
        return slots
