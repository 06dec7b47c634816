"""The denoiser: a transformer decoder that turns noisy motion and audio features into clean motion."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

PositionalEncoding = Literal["pe_old", "pe_fixed"]


def sinusoidal_table(rows: int, width: int) -> Tensor:
    """Sines (even columns) and cosines (odd columns) of falling frequency: (1, rows, width) float32."""
    frequency = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    angle = torch.arange(rows).unsqueeze(1) * frequency
    return torch.stack([angle.sin(), angle.cos()], dim=2).view(1, rows, width)


class SinusoidalTable(nn.Module):
    """A table that the checkpoint stores although nothing in it is learned."""

    pe: Tensor

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self.register_buffer("pe", sinusoidal_table(rows, width))


class Denoiser(nn.Module):
    """Clean motion (or the noise) from noisy motion, the diffusion step, audio and the frames before.

    `positional_encoding`: the released checkpoint was trained while every token received the one row whose
    index is the length of the sequence, so that the network knows a frame's place by its audio alone
    ("pe_old"); row i for token i is "pe_fixed". The table is not learned, so a file does not say which one it
    needs.

    Every frame's cross-attention sees the audio of that frame only. This is the plain form; what follows from
    the fact is used by `engines.joyvasa.fast.fast_denoiser`.
    """

    alignment_mask: Tensor

    def __init__(
        self,
        *,
        motion_dim: int = 70,
        feature_dim: int = 256,
        heads: int = 8,
        layers: int = 8,
        mlp_ratio: int = 4,
        motions: int = 100,
        previous_motions: int = 25,
        step_rows: int = 501,
        place_rows: int = 600,
        positional_encoding: PositionalEncoding = "pe_old",
    ) -> None:
        super().__init__()
        self.motion_dim, self.feature_dim, self.heads = motion_dim, feature_dim, heads
        self.motions, self.previous_motions = motions, previous_motions
        self.positional_encoding: PositionalEncoding = positional_encoding
        self.TE = SinusoidalTable(step_rows, feature_dim)
        self.PE = SinusoidalTable(place_rows, feature_dim)
        self.diff_step_map = nn.Sequential(
            nn.Linear(feature_dim, feature_dim), nn.GELU(), nn.Linear(feature_dim, feature_dim)
        )
        self.feature_proj = nn.Linear(motion_dim, feature_dim)
        layer = nn.TransformerDecoderLayer(
            feature_dim, heads, mlp_ratio * feature_dim, activation="gelu", batch_first=True
        )
        self.transformer = nn.TransformerDecoder(layer, layers)
        self.motion_dec = nn.Sequential(
            nn.Linear(feature_dim, feature_dim // 2), nn.GELU(), nn.Linear(feature_dim // 2, motion_dim)
        )
        self.register_buffer("alignment_mask", ~torch.eye(motions + previous_motions, dtype=torch.bool))

    def place(self, length: int) -> Tensor:
        """The position codes for `length` tokens: (1, 1 or length, feature_dim)."""
        if self.positional_encoding == "pe_old":
            return self.PE.pe[:, length : length + 1]
        return self.PE.pe[:, :length]

    def step_embedding(self, steps: Tensor) -> Tensor:
        """(B,) int64 diffusion steps -> (B, feature_dim)."""
        return self.diff_step_map(self.TE.pe[0, steps])

    def forward(
        self, motion: Tensor, audio: Tensor, previous_motion: Tensor, previous_audio: Tensor, steps: Tensor
    ) -> Tensor:
        """All 125 outputs (B, 125, 70); the last 100 are the window's.

        motion (B, 100, 70) noisy, normalised; audio (B, 100, 256); previous_motion (B, 25, 70) clean;
        previous_audio (B, 25, 256); steps (B,) int64.
        """
        tokens = self.feature_proj(torch.cat([previous_motion, motion], dim=1))
        tokens = tokens + self.place(tokens.shape[1])
        tokens = tokens + self.step_embedding(steps).unsqueeze(1)
        memory = torch.cat([previous_audio, audio], dim=1)
        return self.motion_dec(self.transformer(tokens, memory, memory_mask=self.alignment_mask))
