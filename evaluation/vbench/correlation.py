"""Computes the similarity of every position of one frame to every position of another, looked up around given
points.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

MOST_KEPT = 64 * 96
"""Cells of a map, of 8 x 8 pixels each; the correlation of so many takes 400 MB both ways."""
AT_ONCE = 1024
"""Cells whose surroundings are looked up at once for larger maps."""


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
    """The correlation of two (B, C, H, W) maps, from the first to the second and back, in `levels` sizes.

    That of every place with every other is kept for small maps. It grows with the square of their size, so
    for larger ones what is looked up is computed where it is looked up, with the same result.
    """

    def __init__(self, first: Tensor, second: Tensor, levels: int, radius: int) -> None:
        height, width = first.shape[2:]
        kind = _Precomputed if height * width <= MOST_KEPT else _OnDemand
        self._ways = kind(first, second, levels, radius), kind(second, first, levels, radius)

    def around(self, there: Tensor, back: Tensor) -> Tensor:
        """(B, 2 * levels * (2 r + 1)^2, H, W): windows around (B, 2, H, W) points, both directions."""
        found = [way.around(points) for way, points in zip(self._ways, (there, back), strict=True)]
        return torch.cat(found, dim=1)


class _Precomputed:
    """Everything is computed once; the fastest for small maps."""

    def __init__(self, first: Tensor, second: Tensor, levels: int, radius: int) -> None:
        batch, channels, height, width = first.shape
        alike = (first.flatten(2) / math.sqrt(channels)).transpose(1, 2) @ second.flatten(2)
        self._levels = [alike.reshape(batch * height * width, 1, height, width)]
        for _ in range(levels - 1):
            self._levels.append(functional.avg_pool2d(self._levels[-1], 2))
        self._window = _window(radius, first.device)[None]

    def around(self, points: Tensor) -> Tensor:
        batch, _, height, width = points.shape
        centres = points.permute(0, 2, 3, 1).reshape(-1, 1, 1, 2)
        found = [
            sampled(maps, centres / 2**level + self._window, "zeros").reshape(batch, height, width, -1)
            for level, maps in enumerate(self._levels)
        ]
        return torch.cat(found, dim=3).permute(0, 3, 1, 2)


class _OnDemand:
    """The mean of likenesses is the likeness to the mean, so the maps themselves are halved and looked up."""

    def __init__(self, first: Tensor, second: Tensor, levels: int, radius: int) -> None:
        self._first = first.flatten(2) / math.sqrt(first.shape[1])
        self._levels = [second]
        for _ in range(levels - 1):
            self._levels.append(functional.avg_pool2d(self._levels[-1], 2))
        self._window = _window(radius, first.device).reshape(-1, 2)

    def around(self, points: Tensor) -> Tensor:
        batch, _, height, width = points.shape
        centres = points.permute(0, 2, 3, 1).reshape(batch, -1, 1, 2)
        found = [
            torch.cat(
                [
                    self._alike(maps, centres[:, start : start + AT_ONCE] / 2**level, start)
                    for start in range(0, height * width, AT_ONCE)
                ],
                dim=1,
            )
            for level, maps in enumerate(self._levels)
        ]
        return torch.cat(found, dim=2).transpose(1, 2).reshape(batch, -1, height, width)

    def _alike(self, maps: Tensor, centres: Tensor, start: int) -> Tensor:
        """(B, n, window) likenesses of n places of the first map."""
        others = sampled(maps, centres + self._window, "zeros")
        return (others * self._first[:, :, start : start + AT_ONCE, None]).sum(dim=1)


def _window(radius: int, device: torch.device) -> Tensor:
    """(2 r + 1, 2 r + 1, 2) steps around a place. The first axis moves x, as in these networks' training."""
    steps = torch.linspace(-radius, radius, 2 * radius + 1, device=device)
    return torch.stack(torch.meshgrid(steps, steps, indexing="ij"), dim=-1)
