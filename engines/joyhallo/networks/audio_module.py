"""The transformer that lets the voice move a frame where a mask allows it."""

from __future__ import annotations

from typing import Any, get_args

import torch
from diffusers.models.attention import FeedForward
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

from engines.joyhallo.networks.config import AudioBlock, UNetConfig
from engines.joyhallo.networks.spatial_transformer import TRANSFORMER_NORM_EPS
from engines.joyhallo.networks.token_rows import to_map, to_tokens

REGIONS = ("full", "face", "lip")
"""The three masks, in the order of the motion scale: everything but the face, the face, the mouth."""


class AudioTransformerBlock(nn.Module):
    """Self-attention over the pixels, attention to the frame's audio under three masks, feed-forward.

    Each mask has a 1x1 convolution, whose bias acts outside of the mask too. JoyHallo attends once for all
    three masks (`attn2_0`), Hallo once for each (`attn2_0..2`).
    """

    def __init__(self, width: int, config: UNetConfig, audio: AudioBlock) -> None:
        super().__init__()
        if audio not in get_args(AudioBlock):
            raise ValueError(f"There is no audio block {audio!r}.")
        head = width // config.heads
        self.attentions = 1 if audio == "joyhallo" else len(REGIONS)
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width, heads=config.heads, dim_head=head)
        self.norm2 = nn.LayerNorm(width)
        for index in range(self.attentions):
            attention = Attention(width, config.audio_dim, heads=config.heads, dim_head=head)
            self.add_module(f"attn2_{index}", attention)
        for region in REGIONS:
            self.add_module(f"zero_conv_{region}", nn.Conv2d(width, width, 1))
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width, activation_fn="geglu")

    def audio_attentions(self) -> list[Any]:
        """The attention of each mask; the same one three times in JoyHallo."""
        last = self.attentions - 1
        return [getattr(self, f"attn2_{min(index, last)}") for index in range(len(REGIONS))]

    def convolutions(self) -> list[Any]:
        """The 1x1 convolution of each mask."""
        return [getattr(self, f"zero_conv_{region}") for region in REGIONS]

    def branches(self, normed: Tensor, audio_tokens: Tensor, masks: Tensor) -> list[Tensor]:
        """What each region adds before it is scaled: three of (N, l, C).

        normed: (N, l, C), `norm2`'s output. audio_tokens: (N, 32, audio_dim). masks: (3, N, l) in 0..1.
        """
        attended: list[Tensor] = []
        for index in range(self.attentions):
            attention = getattr(self, f"attn2_{index}")
            attended.append(attention(normed, encoder_hidden_states=audio_tokens))
        parts = []
        for index, convolution in enumerate(self.convolutions()):
            masked = attended[min(index, self.attentions - 1)] * masks[index].unsqueeze(-1)
            parts.append(convolution(masked.mT.unsqueeze(-1)).squeeze(-1).mT)
        return parts

    def forward(
        self,
        tokens: Tensor,
        audio_tokens: Tensor,
        masks: Tensor,
        motion_scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> Tensor:
        """tokens (N, l, C), audio_tokens (N, 32, audio_dim), masks (3, N, l) -> (N, l, C).

        motion_scale: how strongly everything else, the face and the mouth move; the bias is scaled too.
        """
        tokens = self.attn1(self.norm1(tokens)) + tokens
        parts = self.branches(self.norm2(tokens), audio_tokens, masks)
        tokens = sum((part * scale for part, scale in zip(parts, motion_scale, strict=True)), tokens)
        return self.ff(self.norm3(tokens)) + tokens


class AudioModule(nn.Module):
    """An `AudioTransformerBlock` between two 1x1 convolutions, added to its input.

    Its width follows the input of the block of layers, not the features: an error of the original that is
    fixed in its weights.
    """

    def __init__(self, width: int, inner: int, config: UNetConfig, audio: AudioBlock) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(config.groups, width, eps=TRANSFORMER_NORM_EPS)
        self.proj_in = nn.Conv2d(width, inner, 1)
        self.transformer_blocks = nn.ModuleList([AudioTransformerBlock(inner, config, audio)])
        self.proj_out = nn.Conv2d(inner, width, 1)

    @property
    def block(self) -> Any:
        """The only block there is."""
        return self.transformer_blocks[0]

    def forward(
        self,
        x: Tensor,
        audio_tokens: Tensor,
        masks: Tensor,
        motion_scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> Tensor:
        """x (N, C, h, w) -> (N, C, h, w), frames as rows; the others as in `AudioTransformerBlock`."""
        tokens = to_tokens(self.proj_in(self.norm(x)))
        tokens = self.block(tokens, audio_tokens, masks, motion_scale)
        return self.proj_out(to_map(tokens, x.shape[2])) + x


def level_masks(masks: Tensor, rows: int) -> Tensor:
    """One level's masks (3, 1 or rows, l) for every row of the batch: (3, rows, l)."""
    return (
        masks if masks.shape[1] == rows else torch.broadcast_to(masks, (len(REGIONS), rows, masks.shape[2]))
    )
