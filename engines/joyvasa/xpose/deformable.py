"""Attention that reads a few learned places of a feature pyramid, in plain PyTorch.

The original has a compiled CUDA operation for this; `grid_sample` does the same on every device.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional

Shape = tuple[int, int]
"""Height and width of one level of the pyramid."""


def sample_levels(
    values: torch.Tensor, shapes: Sequence[Shape], places: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Weighted sums of values read between the pixels of a pyramid.

    values: (B, L, heads, D), all levels one after the other, each row by row.
    places: (B, Q, heads, levels, points, 2), x and y in 0..1 of a level's full width and height (pixel
    centres at (i+0.5)/size). What lies outside reads as zero.
    weights: (B, Q, heads, levels, points).
    Returns (B, Q, heads * D).
    """
    batch, _, heads, depth = values.shape
    queries = places.shape[1]
    grids = (2 * places - 1).transpose(1, 2).flatten(0, 1)  # (B * heads, Q, levels, points, 2)
    shares = weights.transpose(1, 2).flatten(0, 1)
    maps = values.permute(0, 2, 3, 1).flatten(0, 1)  # (B * heads, D, L)
    total = values.new_zeros(batch * heads, depth, queries)
    start = 0
    for level, (height, width) in enumerate(shapes):
        plane = maps[:, :, start : start + height * width].unflatten(2, (height, width))
        start += height * width
        read = functional.grid_sample(plane, grids[:, :, level], align_corners=False)
        total += torch.einsum("bdqp,bqp->bdq", read, shares[:, :, level])
    return total.view(batch, heads, depth, queries).permute(0, 3, 1, 2).flatten(2)


class DeformableAttention(nn.Module):
    """Each query reads `points` places per level and head around its reference point or box."""

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
        return self.output_proj(sample_levels(values, shapes, places, weights))
