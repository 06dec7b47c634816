"""Attention that reads a few learned positions of a feature pyramid, in plain PyTorch.

The original has a compiled CUDA operation for this. PyTorch's own operations do the same on every device.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import nn
from torch.nn import functional

Shape = tuple[int, int]
"""Height and width of one level of the pyramid."""
PIECE = 256
"""Queries per thread that `sample_by_rows` takes at once, so that indices and shares stay in the cache."""


def sample_by_grid(
    values: torch.Tensor, shapes: Sequence[Shape], places: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Weighted sums of values read between the pixels of a pyramid, with `grid_sample`.

    values: (B, L, heads, D), all levels one after the other, each row by row.
    places: (B, Q, heads, levels, points, 2), x and y in 0..1 of a level's full width and height (pixel
    centres at (i+0.5)/size). Positions outside read as zero.
    weights: (B, Q, heads, levels, points). Returns (B, Q, heads * D).
    """
    batch, _, heads, depth = values.shape
    queries, points = places.shape[1], places.shape[4]
    grids = (2 * places - 1).permute(0, 2, 3, 4, 1, 5).flatten(0, 1)  # (B * heads, levels, points, Q, 2)
    shares = weights.permute(0, 2, 3, 4, 1).flatten(0, 1)
    maps = values.permute(0, 2, 3, 1).flatten(0, 1)  # (B * heads, D, L)
    total = values.new_zeros(batch * heads, depth, queries)
    start = 0
    for level, (height, width) in enumerate(shapes):
        plane = maps[:, :, start : start + height * width].unflatten(2, (height, width))
        start += height * width
        for point in range(points):  # one point at a time: the sums stay in the processor's cache
            read = functional.grid_sample(plane, grids[:, level, point, None], align_corners=False)
            total.addcmul_(read[:, :, 0], shares[:, None, level, point])
    return total.view(batch, heads, depth, queries).permute(0, 3, 1, 2).flatten(2)


def sample_by_rows(
    values: torch.Tensor, shapes: Sequence[Shape], places: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """The same as `sample_by_grid`, as weighted sums of whole rows of values. No gradients.

    The four pixels around each place are looked up with `embedding_bag`, whose inner loop runs over the
    channels. On a processor that is about five times faster than `grid_sample`, which runs over places.
    """
    batch, _, heads, depth = values.shape
    points = places.shape[4]
    device = values.device

    def each(numbers: Sequence[int]) -> torch.Tensor:
        return torch.tensor(numbers, dtype=torch.float32, device=device).repeat_interleave(points)

    starts = [0, *accumulate(height * width for height, width in shapes[:-1])]
    heights, widths = each([height for height, _ in shapes]), each([width for _, width in shapes])
    first = each(starts).int() * heads + torch.arange(heads, dtype=torch.int32, device=device)[:, None]
    step = widths.int() * heads
    sums = []
    piece = PIECE * torch.get_num_threads()
    for picture in range(batch):
        table = values[picture].reshape(-1, depth)
        pieces = zip(places[picture].split(piece), weights[picture].split(piece), strict=True)
        for place, weight in pieces:
            across, down = place.flatten(2, 3).unbind(-1)  # (q, heads, levels * points)
            rows = _neighbours(down, heights)
            columns = [(pixel.mul_(heads), share) for pixel, share in _neighbours(across, widths)]
            index = torch.empty(*down.shape[:2], 4, down.shape[2], dtype=torch.int32, device=device)
            share = torch.empty(index.shape, device=device)
            for i, (row, row_share) in enumerate(rows):
                row = row.mul_(step).add_(first)
                row_share = row_share.mul_(weight.flatten(2))
                for k, (column, column_share) in enumerate(columns, start=2 * i):
                    torch.add(row, column, out=index[:, :, k])
                    torch.mul(row_share, column_share, out=share[:, :, k])
            index, share = index.flatten(0, 1).flatten(1), share.flatten(0, 1).flatten(1)
            total = functional.embedding_bag(index, table, per_sample_weights=share, mode="sum")
            sums.append(total.view(len(place), -1))
    return torch.cat(sums).view(batch, -1, heads * depth)


def _neighbours(place: torch.Tensor, size: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The pixels before and after each position in 0..1: int32 index and weight, 0 for a pixel outside."""
    at = torch.minimum((place * size).sub_(0.5).clamp_(min=-1), size)
    low = torch.minimum(at.floor(), size - 1)
    high_share = at.sub_(low)
    low_share = (1 - high_share).mul_(low >= 0)
    high_share.mul_(low < size - 1)
    high = torch.minimum(low + 1, size - 1)
    return [(low.clamp_(min=0).int(), low_share), (high.int(), high_share)]


def sample_levels(
    values: torch.Tensor, shapes: Sequence[Shape], places: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """`sample_by_rows` or `sample_by_grid`, whichever is faster on the device of `values`."""
    if values.device.type == "cpu" and values.dtype == torch.float32:
        return sample_by_rows(values, shapes, places, weights)
    return sample_by_grid(values, shapes, places, weights)


class DeformableAttention(nn.Module):
    """Each query reads `points` places per level and head around its reference point or box."""

    sample = staticmethod(sample_levels)

    def __init__(self, channels: int = 256, heads: int = 8, levels: int = 4, points: int = 4) -> None:
        super().__init__()
        self.heads, self.levels, self.points = heads, levels, points
        self.sampling_offsets = nn.Linear(channels, heads * levels * points * 2)
        self.attention_weights = nn.Linear(channels, heads * levels * points)
        self.value_proj = nn.Linear(channels, channels)
        self.output_proj = nn.Linear(channels, channels)

    def forward(
        self, queries: torch.Tensor, references: torch.Tensor, memory: torch.Tensor, shapes: Sequence[Shape]
    ) -> torch.Tensor:
        """Queries (B, Q, C) read memory (B, L, C); returns (B, Q, C).

        references: (B or 1, Q, 2) points, where offsets count in pixels of each level, or (B, Q, 4) boxes
        (centre and size), where an offset of `points` reaches the box's edge. All in 0..1.
        """
        values = self.value_proj(memory).unflatten(2, (self.heads, -1))
        spread = (self.heads, self.levels, self.points)
        offsets = self.sampling_offsets(queries).unflatten(2, (*spread, 2))
        weights = self.attention_weights(queries).unflatten(2, (self.heads, -1))
        weights = weights.softmax(-1).unflatten(3, (self.levels, self.points))
        centres = references[:, :, None, None, None, :2]
        if references.shape[-1] == 2:
            sizes = torch.tensor([(w, h) for h, w in shapes], dtype=offsets.dtype, device=offsets.device)
            places = centres + offsets / sizes[:, None]
        else:
            places = centres + offsets / self.points * references[:, :, None, None, None, 2:] * 0.5
        return self.output_proj(self.sample(values, shapes, places, weights))
