"""The transformer over the pixels of one frame, which can also attend to a reference image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from diffusers.models.attention import FeedForward
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

from engines.joyhallo.networks.config import UNetConfig
from engines.joyhallo.networks.token_rows import to_map, to_tokens

TRANSFORMER_NORM_EPS = 1e-6


class SpatialBlock(nn.Module):
    """Self-attention, cross-attention to the face tokens, feed-forward; a LayerNorm before each."""

    def __init__(self, width: int, config: UNetConfig) -> None:
        super().__init__()
        head = width // config.heads
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width, heads=config.heads, dim_head=head)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = Attention(width, config.text_dim, heads=config.heads, dim_head=head)
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width, activation_fn="geglu")

    def forward(
        self,
        tokens: Tensor,
        face_tokens: Tensor,
        reference: Tensor | None = None,
        blind: int = 0,
        record: Callable[[Tensor], None] | None = None,
    ) -> Tensor:
        """tokens (N, l, C) -> (N, l, C).

        face_tokens: (N, 4, text_dim). reference: (N, l, C), the reference image's tokens, which are added to
        keys and values. blind: the number of first rows that do not see it: as in the original, they attend
        to it like the others and are then computed again without it. record: receives `norm1`'s output, which
        the reference U-Net passes on.
        """
        normed = self.norm1(tokens)
        if record is not None:
            record(normed)
        if reference is None:
            tokens = self.attn1(normed) + tokens
        else:
            seen = self.attn1(normed, encoder_hidden_states=torch.cat([normed, reference], dim=1)) + tokens
            if blind:
                plain = self.attn1(normed[:blind]) + tokens[:blind]
                seen = torch.cat([plain, seen[blind:]])
            tokens = seen
        tokens = self.attn2(self.norm2(tokens), encoder_hidden_states=face_tokens) + tokens
        return self.ff(self.norm3(tokens)) + tokens


class SpatialTransformer(nn.Module):
    """A `SpatialBlock` between two 1x1 convolutions, added to its input. Frames are rows of the batch."""

    def __init__(self, width: int, config: UNetConfig) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(config.groups, width, eps=TRANSFORMER_NORM_EPS)
        self.proj_in = nn.Conv2d(width, width, 1)
        self.transformer_blocks = nn.ModuleList([SpatialBlock(width, config)])
        self.proj_out = nn.Conv2d(width, width, 1)

    @property
    def block(self) -> Any:
        """The only block there is."""
        return self.transformer_blocks[0]

    def bank(self, x: Tensor) -> Tensor:
        """x (N, C, h, w) -> (N, l, C): the bank of a reference pass; nothing after it is computed."""
        return self.block.norm1(to_tokens(self.proj_in(self.norm(x))))

    def forward(self, x: Tensor, face_tokens: Tensor, **reading: Any) -> Tensor:
        """x (N, C, h, w), face_tokens (N, 4, text_dim) -> (N, C, h, w); `reading` as in `SpatialBlock`."""
        tokens = to_tokens(self.proj_in(self.norm(x)))
        tokens = self.block(tokens, face_tokens, **reading)
        return self.proj_out(to_map(tokens, x.shape[2])) + x
