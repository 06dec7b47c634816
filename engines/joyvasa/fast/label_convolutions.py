"""The two convolutions between a label map and the values that scale and shift the features.

They follow nearest-neighbour enlargement, which neither form below carries out. Both yield their result in
pieces: on a large map all values together would take more memory than the pictures do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.joyvasa.fast.enlarged_convolution import EnlargedConv, ToSlots
from engines.joyvasa.fast.upsample_taps import EnlargedCell, enlarged
from engines.joyvasa.fast.winograd_convolution import NEW, TILE, WinogradConv, band_of


@dataclass(frozen=True)
class MapPiece:
    """A part of the enlarged map: some frames, and every `step`-th row and column from a first one on."""

    frames: slice
    rows: slice
    columns: slice

    def of(self, x: Tensor, enlarge: int = 1) -> Tensor:
        """The piece of x (n, C, H, W), a view; or of x enlarged by nearest-neighbour, never formed whole."""
        frames = x[self.frames]
        if enlarge == 1:
            return frames[:, :, self.rows, self.columns]
        if self.rows.step is None:  # whole rows
            few = frames[:, :, self.rows.start // enlarge : -(-self.rows.stop // enlarge)]
            return functional.interpolate(few, scale_factor=enlarge)[:, :, : self.rows.stop - self.rows.start]
        rows, columns = (
            slice(s.start // enlarge, None, s.step // enlarge) for s in (self.rows, self.columns)
        )
        return frames[:, :, rows, columns]


class LabelBranch(nn.Module):
    """Label map (n, L, H, W) -> pieces of a map (n, P, factor * H, factor * W)."""

    def pieces(self, label: Tensor) -> Iterator[tuple[MapPiece, Tensor]]:
        """Yield pieces in any order, together the whole map."""
        raise NotImplementedError


class SlotBranch(LabelBranch):
    """Adds up the weights of taps that meet equal values. A piece is one position within enlarged cells."""

    def __init__(
        self, shared: tuple[Tensor, Tensor], out: tuple[Tensor, Tensor], factor: int, dtype: torch.dtype
    ):
        super().__init__()
        self.factor = factor
        self.to_slots = ToSlots(*shared, enlarged(factor)).to(dtype)
        grid = self.to_slots.result
        self.from_slots = EnlargedConv(*out, grid, grid.readings()).to(dtype)

    def pieces(self, label: Tensor) -> Iterator[tuple[MapPiece, Tensor]]:
        for row, column, value in self.from_slots.parts(self.to_slots(label)):
            yield (
                MapPiece(slice(None), slice(row, None, self.factor), slice(column, None, self.factor)),
                value,
            )


class StripBranch(LabelBranch):
    """Winograd's algorithm after the slots are spread out again. A piece is a strip of rows of one frame."""

    def __init__(self, shared: tuple[Tensor, Tensor], out: tuple[Tensor, Tensor], factor: int):
        super().__init__()
        self.factor = factor
        if factor == 1:
            self.to_slots: nn.Module = WinogradConv(*shared)
            self.grid = enlarged(1)
        else:
            self.to_slots = ToSlots(*shared, enlarged(factor))
            self.grid = self.to_slots.result
        self.convolve = WinogradConv(*out)

    def pieces(self, label: Tensor) -> Iterator[tuple[MapPiece, Tensor]]:
        slots = functional.pad(self.to_slots(label).relu_(), (1, 1, 1, 1))
        height, width = (self.factor * size for size in label.shape[2:])
        rows, columns = (_spread(self.grid, size, label.device) for size in label.shape[2:])
        band = NEW * band_of(len(rows) // NEW, len(columns) // NEW, len(self.convolve.bias))
        for frame in range(len(label)):
            for top in range(0, height, band):
                few = rows[top : top + band + TILE - NEW]
                strip = slots[frame].index_select(1, few).index_select(2, columns)
                stop = min(top + band, height)
                values = self.convolve.strip(strip)[:, : stop - top, :width]
                yield MapPiece(slice(frame, frame + 1), slice(top, stop), slice(None)), values[None]


def _spread(grid: EnlargedCell, cells: int, device: torch.device) -> Tensor:
    """The slot, counted from a border of one zero, of every enlarged position and of those around tiles."""
    size = cells * len(grid.slots)
    outside = cells * grid.count  # the zero behind the last cell
    last = -(-size // NEW) * NEW + 1
    slots = [grid.slot(p) if p < size else outside for p in range(-1, last)]
    return torch.tensor(slots, device=device) + 1


def label_branch(
    shared: tuple[Tensor, Tensor], out: tuple[Tensor, Tensor], *, factor: int, dtype: torch.dtype
) -> LabelBranch:
    """The branch of these weights and biases, in the form that is faster for the dtype and device."""
    if dtype == torch.float32 and shared[0].device.type == "cpu":
        return StripBranch(shared, out, factor)
    return SlotBranch(shared, out, factor, dtype)
