"""The transformer over time: each pixel looks at itself in the other frames."""

from __future__ import annotations

import math
from typing import Any

import torch
from diffusers.models.attention import FeedForward
from diffusers.models.attention_processor import Attention, AttnProcessor
from torch import Tensor, nn

from engines.joyhallo.networks.config import UNetConfig
from engines.joyhallo.networks.spatial_transformer import TRANSFORMER_NORM_EPS

GROUPS = 32
"""Groups of the motion module's norm, whatever the U-Net's are."""


class FramePositions(nn.Module):
    """A table of sines (even columns) and cosines, which the checkpoint stores though it is not learned."""

    pe: Tensor

    def __init__(self, width: int, positions: int) -> None:
        super().__init__()
        # A network built on `meta` has dozens of tables, which its checkpoint replaces: the shape is enough.
        empty = torch.empty(1, positions, width)
        self.register_buffer("pe", empty if empty.is_meta else _table(width, positions))


def _table(width: int, positions: int) -> Tensor:
    frequency = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    angle = torch.arange(positions).unsqueeze(1) * frequency
    return torch.stack([angle.sin(), angle.cos()], dim=2).view(1, positions, width)


class TemporalAttention(Attention):
    """Self-attention over the frames of each pixel, with the frames' places added to its input."""

    def __init__(self, width: int, heads: int, positions: int) -> None:
        super().__init__(width, heads=heads, dim_head=width // heads, processor=AttnProcessor())
        self.pos_encoder = FramePositions(width, positions)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, frames, C) -> (N, frames, C)."""
        return super().forward(tokens + self.pos_encoder.pe[:, : tokens.shape[1]])


class TemporalBlock(nn.Module):
    """Two attentions over time and a feed-forward; a LayerNorm before each."""

    def __init__(self, width: int, config: UNetConfig) -> None:
        super().__init__()
        attentions = [
            TemporalAttention(width, config.motion_heads, config.motion_positions) for _ in range(2)
        ]
        self.attention_blocks = nn.ModuleList(attentions)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in attentions)
        self.ff = FeedForward(width, activation_fn="geglu")
        self.ff_norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, frames, C) -> (N, frames, C)."""
        for attention, norm in zip(self.attention_blocks, self.norms, strict=True):
            tokens = attention(norm(tokens)) + tokens
        return self.ff(self.ff_norm(tokens)) + tokens


class TemporalTransformer(nn.Module):
    """A `TemporalBlock` between two linear maps, added to its input; the norm is each frame's own."""

    def __init__(self, width: int, config: UNetConfig) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, width, eps=TRANSFORMER_NORM_EPS)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([TemporalBlock(width, config)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """x (n*frames, C, h, w) -> the same shape; the frames of one video are neighbours."""
        rows, _, height, width = x.shape
        videos, pixels = rows // frames, height * width
        tokens = self.proj_in(self.norm(x).flatten(2).mT)
        tokens = tokens.view(videos, frames, pixels, -1).transpose(1, 2).reshape(videos * pixels, frames, -1)
        tokens = self.proj_out(self.transformer_blocks[0](tokens))
        tokens = tokens.view(videos, pixels, frames, -1).permute(0, 2, 3, 1)
        return tokens.reshape(x.shape) + x


class MotionModule(nn.Module):
    """The transformer over time of one layer, under the name that its checkpoint has."""

    def __init__(self, width: int, config: UNetConfig) -> None:
        super().__init__()
        self.temporal_transformer = TemporalTransformer(width, config)

    @property
    def transformer(self) -> Any:
        """The transformer itself."""
        return self.temporal_transformer

    def forward(self, x: Tensor, frames: int) -> Tensor:
        """As `TemporalTransformer`."""
        return self.temporal_transformer(x, frames)
