"""Swin-T, the backbone of X-Pose: four stages of attention inside 7x7 windows, every second one shifted.

Maps are kept channels-last, (B, H, W, C). Any picture size works: maps are padded at the right and bottom
to whole windows (zeros AFTER the block's first norm, as in the original, so a padded place still attends).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional


def window_index(side: int) -> np.ndarray:
    """The entry of a relative position table for each pair of a window's cells, (side^2, side^2) int64."""
    row, column = np.divmod(np.arange(side * side), side)
    down = row[:, None] - row + side - 1
    right = column[:, None] - column + side - 1
    return down * (2 * side - 1) + right


OTHER_REGION = -100.0
"""Added to the score of two places that are neighbours by the cyclic shift only; the original's, not -inf."""


def to_windows(x: torch.Tensor, window: int) -> torch.Tensor:
    """(B, H, W, C) with H and W multiples of `window` to (B * windows, window*window, C), row by row."""
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // window, window, width // window, window, channels)
    return x.transpose(2, 3).reshape(-1, window * window, channels)


def from_windows(windows: torch.Tensor, window: int, height: int, width: int) -> torch.Tensor:
    """What `to_windows` made, back to (B, height, width, C)."""
    rows, columns = height // window, width // window
    x = windows.reshape(-1, rows, columns, window, window, windows.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, windows.shape[-1])


def shift_mask(height: int, width: int, window: int, device: torch.device) -> torch.Tensor:
    """(windows, window^2, window^2): 0 where two places of a shifted window are true neighbours, else -100.

    After the map was rolled by window//2, the last row and column of windows hold strips from both ends.
    A place's region follows from three bands per axis: before the last window, in it, in its rolled-in part.
    """
    shift = window // 2

    def bands(size: int) -> torch.Tensor:
        place = torch.arange(size, device=device)
        return (place >= size - window).int() + (place >= size - shift).int()

    regions = bands(height)[:, None] * 3 + bands(width)[None]
    inside = to_windows(regions[None, :, :, None], window)[..., 0]
    differ = inside[:, :, None] != inside[:, None, :]
    return differ.float() * OTHER_REGION


class WindowAttention(nn.Module):
    """Multi-head attention inside windows, with a learned bias per head and relative place."""

    relative_position_index: torch.Tensor

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.register_buffer("relative_position_index", torch.from_numpy(window_index(window)))
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, windows: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        """(B * n, places, C), mask (n, places, places) or None; the same shape comes back."""
        count, places, channels = windows.shape
        shape = (count, places, 3, self.heads, channels // self.heads)
        query, key, value = self.qkv(windows).view(shape).permute(2, 0, 3, 1, 4)
        bias = self.relative_position_bias_table[self.relative_position_index.flatten()]
        bias = bias.view(places, places, self.heads).permute(2, 0, 1)[None]
        if mask is not None:
            bias = bias + mask[:, None]
            bias = bias.repeat(count // len(mask), 1, 1, 1)
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        return self.proj(mixed.transpose(1, 2).reshape(count, places, channels))


class FeedForward(nn.Module):
    """Linear, exact GELU, linear."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.fc2(functional.gelu(self.fc1(x)))


class SwinBlock(nn.Module):
    """Window attention and a feed-forward part, each with a norm before and the input added after."""

    def __init__(self, channels: int, heads: int, window: int, shifted: bool) -> None:
        super().__init__()
        self.window = window
        self.shift = window // 2 if shifted else 0
        self.norm1 = nn.LayerNorm(channels)
        self.attn = WindowAttention(channels, heads, window)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = FeedForward(channels, 4 * channels)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(B, H, W, C) and the stage's `shift_mask`."""
        height, width = x.shape[1:3]
        window, shift = self.window, self.shift
        y = functional.pad(self.norm1(x), (0, 0, 0, -width % window, 0, -height % window))
        padded = y.shape[1:3]
        if shift:
            y = y.roll((-shift, -shift), (1, 2))
        y = from_windows(self.attn(to_windows(y, window), mask if shift else None), window, *padded)
        if shift:
            y = y.roll((shift, shift), (1, 2))
        x = x + y[:, :height, :width]
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    """Halves height and width: four neighbours side by side, norm, a linear map from 4C to 2C."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * channels, 2 * channels, bias=False)
        self.norm = nn.LayerNorm(4 * channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, H, W, C) to (B, ceil(H/2), ceil(W/2), 2C); an odd side gets a row or column of zeros."""
        x = functional.pad(x, (0, 0, 0, x.shape[2] % 2, 0, x.shape[1] % 2))
        neighbours = (x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2])
        return self.reduction(self.norm(torch.cat(neighbours, dim=-1)))


class Stage(nn.Module):
    """Blocks on one resolution, plain and shifted in turn, and the step down to the next one."""

    def __init__(self, channels: int, depth: int, heads: int, window: int, last: bool) -> None:
        super().__init__()
        self.window = window
        self.blocks = nn.ModuleList(SwinBlock(channels, heads, window, i % 2 == 1) for i in range(depth))
        self.downsample = None if last else PatchMerging(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(B, H, W, C), before the step down."""
        height, width = x.shape[1:3]
        padded = (height + -height % self.window, width + -width % self.window)
        mask = shift_mask(*padded, self.window, x.device)
        for block in self.blocks:
            x = block(x, mask)
        return x


class PatchEmbedding(nn.Module):
    """4x4 pixels to one token, with a norm."""

    def __init__(self, channels: int, patch: int = 4) -> None:
        super().__init__()
        self.patch = patch
        self.proj = nn.Conv2d(3, channels, patch, patch)
        self.norm = nn.LayerNorm(channels)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) to (B, ceil(H/4), ceil(W/4), C)."""
        image = functional.pad(image, (0, -image.shape[3] % self.patch, 0, -image.shape[2] % self.patch))
        return self.norm(self.proj(image).permute(0, 2, 3, 1))


class SwinTransformer(nn.Module):
    """The backbone: a normalised picture to the maps of stages 1..3, at 1/8, 1/16 and 1/32 of its size."""

    def __init__(
        self,
        channels: int = 96,
        depths: Sequence[int] = (2, 2, 6, 2),
        heads: Sequence[int] = (3, 6, 12, 24),
        window: int = 7,
    ) -> None:
        super().__init__()
        self.patch_embed = PatchEmbedding(channels)
        self.channels = [channels * 2**i for i in range(len(depths))]
        last = len(depths) - 1
        self.layers = nn.ModuleList(
            Stage(width, depth, stage_heads, window, i == last)
            for i, (width, depth, stage_heads) in enumerate(zip(self.channels, depths, heads, strict=True))
        )
        for i in range(1, len(depths)):
            self.add_module(f"norm{i}", nn.LayerNorm(self.channels[i]))

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """(B, 3, H, W) float, ImageNet-normalised, to maps (B, C, h, w), the finest first.

        Each map has its own norm; the next stage gets the map without it.
        """
        x = self.patch_embed(image)
        maps = []
        for i, stage in enumerate(self.layers):
            x = stage(x)
            if i:
                maps.append(self.get_submodule(f"norm{i}")(x).permute(0, 3, 1, 2))
            if stage.downsample is not None:
                x = stage.downsample(x)
        return maps
