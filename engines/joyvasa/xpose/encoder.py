"""The encoder: image tokens and text tokens attend to each other, six times.

Each level is fusion, then the text layer, then deformable attention among the picture's tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from engines.joyvasa.xpose.attention import attend_one, feed_forward
from engines.joyvasa.xpose.deformable import DeformableAttention, Shape

SCORE_LIMIT = 50000.0
"""Scores are kept within this of their maximum, as the original does for half precision."""


class BiAttention(nn.Module):
    """One score per pair of a picture token and a text token, used in both directions.

    The projections of the few text tokens are multiplied into the picture's, so that nothing of the inner
    width (1024) is ever computed per picture token: q.k = (Wv).(k) = v.(W'k), and a mix of projected
    values is the projection of the mix.
    """

    def __init__(self, channels: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (inner // heads) ** -0.5
        self.v_proj = nn.Linear(channels, inner)
        self.l_proj = nn.Linear(channels, inner)
        self.values_v_proj = nn.Linear(channels, inner)
        self.values_l_proj = nn.Linear(channels, inner)
        self.out_v_proj = nn.Linear(inner, channels)
        self.out_l_proj = nn.Linear(inner, channels)

    def forward(
        self, picture: torch.Tensor, text: torch.Tensor, real: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The updates of image (B, N, C) and text (B, T, C) from each other, in the same shapes.

        The image attends to the first `real` text tokens, since the rest is padding; every text token attends
        to the whole image.
        """
        scores = self._scores(picture, text)  # (B, heads, N, T)
        scores = (scores - scores.amax()).clamp(-SCORE_LIMIT, SCORE_LIMIT)
        to_text = scores.transpose(2, 3)
        to_text = (to_text - to_text.amax(-1, keepdim=True)).clamp(-SCORE_LIMIT, SCORE_LIMIT).softmax(-1)
        to_picture = scores[..., :real].softmax(-1)
        return self._mix_text(to_picture, text[:, :real]), self._mix_picture(to_text, picture)

    def _scores(self, picture: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        keys = self.l_proj(text).unflatten(2, (self.heads, -1)) * self.scale
        weight = self.v_proj.weight.unflatten(0, (self.heads, -1))
        folded = torch.einsum("bthd,hdc->bhtc", keys, weight)
        offset = torch.einsum("bthd,hd->bht", keys, self.v_proj.bias.unflatten(0, (self.heads, -1)))
        return picture[:, None] @ folded.transpose(2, 3) + offset[:, :, None]

    def _mix_text(self, shares: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """(B, heads, N, T) shares of text (B, T, C) to (B, N, C)."""
        values = self.values_l_proj(text).unflatten(2, (self.heads, -1))
        weight = self.out_v_proj.weight.unflatten(1, (self.heads, -1))
        folded = torch.einsum("bthd,chd->bhtc", values, weight)
        return (shares.transpose(1, 2).flatten(2) @ folded.flatten(1, 2)) + self.out_v_proj.bias

    def _mix_picture(self, shares: torch.Tensor, picture: torch.Tensor) -> torch.Tensor:
        """(B, heads, T, N) shares of the picture (B, N, C) to (B, T, C)."""
        mixed = shares @ picture[:, None]  # (B, heads, T, C)
        weight = self.values_v_proj.weight.unflatten(0, (self.heads, -1))
        values = torch.einsum("bhtc,hdc->bthd", mixed, weight).flatten(2) + self.values_v_proj.bias
        return self.out_l_proj(values)


class FusionLayer(nn.Module):
    """Both streams are replaced by their norms plus gamma times their updates."""

    def __init__(self, channels: int, inner: int, heads: int) -> None:
        super().__init__()
        self.gamma_v = nn.Parameter(torch.full((channels,), 1e-4))
        self.gamma_l = nn.Parameter(torch.full((channels,), 1e-4))
        self.layer_norm_v = nn.LayerNorm(channels)
        self.layer_norm_l = nn.LayerNorm(channels)
        self.attn = BiAttention(channels, inner, heads)

    def forward(
        self, picture: torch.Tensor, text: torch.Tensor, real: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, N, C) and (B, T, C) to the same shapes."""
        picture, text = self.layer_norm_v(picture), self.layer_norm_l(text)
        picture_change, text_change = self.attn(picture, text, real)
        return picture + self.gamma_v * picture_change, text + self.gamma_l * text_change


class TextLayer(nn.Module):
    """A post-norm layer in which each token sees itself alone.

    The original masks the attention with an identity matrix, so that queries, keys and the text's
    position code have no effect.
    """

    def __init__(self, channels: int, inner: int, heads: int) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(channels, heads)
        self.linear1 = nn.Linear(channels, inner)
        self.linear2 = nn.Linear(inner, channels)
        self.norm1 = nn.LayerNorm(channels)
        self.norm2 = nn.LayerNorm(channels)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        """(B, T, C) to (B, T, C)."""
        text = self.norm1(text + attend_one(self.self_attn, text))
        return self.norm2(text + feed_forward(text, self.linear1, self.linear2))


class EncoderLayer(nn.Module):
    """Deformable attention of the picture's tokens among themselves, and a feed-forward part."""

    def __init__(self, channels: int, inner: int, heads: int, levels: int, points: int) -> None:
        super().__init__()
        self.self_attn = DeformableAttention(channels, heads, levels, points)
        self.norm1 = nn.LayerNorm(channels)
        self.linear1 = nn.Linear(channels, inner)
        self.linear2 = nn.Linear(inner, channels)
        self.norm2 = nn.LayerNorm(channels)

    def forward(
        self,
        picture: torch.Tensor,
        positions: torch.Tensor,
        references: torch.Tensor,
        shapes: Sequence[Shape],
    ) -> torch.Tensor:
        """(B, N, C) with its position code (N, C) and its own places (1, N, 2) to (B, N, C)."""
        read = self.self_attn(picture + positions, references, picture, shapes)
        picture = self.norm1(picture + read)
        return self.norm2(picture + feed_forward(picture, self.linear1, self.linear2))


def token_centres(shapes: Sequence[Shape], device: torch.device) -> torch.Tensor:
    """(N, 2) x and y in 0..1 of the pixel centres of all levels, each row by row."""
    centres = []
    for height, width in shapes:
        y = (torch.arange(height, dtype=torch.float32, device=device) + 0.5) / height
        x = (torch.arange(width, dtype=torch.float32, device=device) + 0.5) / width
        grid = torch.stack((x[None].expand(height, width), y[:, None].expand(height, width)), dim=-1)
        centres.append(grid.flatten(0, 1))
    return torch.cat(centres)


class Encoder(nn.Module):
    """All levels of fusion, text layer and deformable layer."""

    def __init__(
        self,
        channels: int = 256,
        inner: int = 2048,
        heads: int = 8,
        depth: int = 6,
        levels: int = 4,
        points: int = 4,
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            EncoderLayer(channels, inner, heads, levels, points) for _ in range(depth)
        )
        self.text_layers = nn.ModuleList(TextLayer(channels, inner // 2, heads // 2) for _ in range(depth))
        self.fusion_layers = nn.ModuleList(
            FusionLayer(channels, inner // 2, heads // 2) for _ in range(depth)
        )

    def forward(
        self,
        picture: torch.Tensor,
        positions: torch.Tensor,
        shapes: Sequence[Shape],
        text: torch.Tensor,
        real: int,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Picture (B, N, C) with position code (N, C), text (B, T, C) of which the first `real` rows count.

        Returns both streams in the same shapes.
        """
        references = token_centres(shapes, picture.device).to(picture.dtype)[None]
        for fuse, read_text, look in zip(self.fusion_layers, self.text_layers, self.layers, strict=True):
            picture, text = fuse(picture, text, real)
            text = read_text(text)
            picture = look(picture, positions, references, shapes)
        return picture, text
