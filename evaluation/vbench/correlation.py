"""How alike every place of one picture is to every place of another, looked up around given points."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional


def grid_of(batch: int, height: int, width: int, device: torch.device) -> Tensor:
    """(B, 2, H, W) float: every cell's own x and y."""
    y, x = torch.meshgrid(
        torch.arange(height, dtype=torch.float32, device=device),
        torch.arange(width, dtype=torch.float32, device=device),
        indexing="ij",
    )
    return torch.stack([x, y])[None].expand(batch, -1, -1, -1)


def sampled(maps: Tensor, points: Tensor, beyond: str) -> Tensor:
    """Values of (B, C, H, W) maps at (B, h, w, 2) points in pixels, x first, bilinear.

    beyond: "zeros" or "border", what lies outside. A side of one pixel gives NaN, as in the original.
    """
    height, width = maps.shape[2:]
    size = torch.tensor([width - 1, height - 1], dtype=maps.dtype, device=maps.device)
    return functional.grid_sample(maps, 2 * points / size - 1, padding_mode=beyond, align_corners=True)


def warped(maps: Tensor, flow: Tensor) -> Tensor:
    """(B, C, H, W) maps fetched from where (B, 2, H, W) flow in pixels points to."""
    height, width = maps.shape[2:]
    places = grid_of(len(maps), height, width, maps.device) + flow
    return sampled(maps, places.permute(0, 2, 3, 1), "border")


class BothWays:
    """The correlation of two (B, C, H, W) maps, from the first to the second and back, in `levels` sizes."""

    def __init__(self, first: Tensor, second: Tensor, levels: int, radius: int) -> None:
        batch, channels, height, width = first.shape
        one, two = first.flatten(2), second.flatten(2)
        one = one / math.sqrt(channels)
        # Two products are faster than one and a copy of it the other way round.
        there = (one.transpose(1, 2) @ two).reshape(batch * height * width, 1, height, width)
        back = (two.transpose(1, 2) @ one).reshape(batch * height * width, 1, height, width)
        self._levels = [(there, back)]
        for _ in range(levels - 1):
            there, back = functional.avg_pool2d(there, 2), functional.avg_pool2d(back, 2)
            self._levels.append((there, back))
        steps = torch.linspace(-radius, radius, 2 * radius + 1, device=first.device)
        # The first axis of a window moves x: so the networks of this family were trained.
        self._window = torch.stack(torch.meshgrid(steps, steps, indexing="ij"), dim=-1)[None]

    def around(self, there: Tensor, back: Tensor) -> Tensor:
        """(B, 2 * levels * (2 r + 1)^2, H, W): windows around (B, 2, H, W) points, both directions."""
        found = [
            torch.cat([self._look(pair[way], points, level) for level, pair in enumerate(self._levels)], 1)
            for way, points in enumerate((there, back))
        ]
        return torch.cat(found, dim=1)

    def _look(self, maps: Tensor, points: Tensor, level: int) -> Tensor:
        batch, _, height, width = points.shape
        centres = points.permute(0, 2, 3, 1).reshape(-1, 1, 1, 2) / 2**level
        values = sampled(maps, centres + self._window, "zeros")
        return values.reshape(batch, height, width, -1).permute(0, 3, 1, 2)
