"""Projections of a face and of speech to the tokens that the U-Nets attend to.

Follow Hallo's hallo/models/image_proj.py and hallo/models/audio_proj.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


class ImageProjection(nn.Module):
    """Turns an embedding of a face into a few tokens. Keys: `proj`, `norm`."""

    def __init__(self, embedding_dim: int = 512, cross_attention_dim: int = 768, tokens: int = 4) -> None:
        super().__init__()
        self.tokens = tokens
        self.proj = nn.Linear(embedding_dim, tokens * cross_attention_dim)
        self.norm = nn.LayerNorm(cross_attention_dim)

    @classmethod
    def from_dict(cls, config: Mapping[str, Any], cross_attention_dim: int) -> ImageProjection:
        """From the reference's names: clip_embeddings_dim and clip_extra_context_tokens."""
        return cls(config["clip_embeddings_dim"], cross_attention_dim, config["clip_extra_context_tokens"])

    def forward(self, embedding: Tensor) -> Tensor:
        """(b, embedding_dim), the recogniser's embedding not normalised -> (b, tokens, cross_attention_dim).

        The tokens of "no face" are those of zeros, not zeros themselves.
        """
        return self.norm(self.proj(embedding).unflatten(-1, (self.tokens, -1)))


class AudioProjection(nn.Module):
    """Turns windows of the audio encoder's layers into tokens, frame by frame. Keys: `proj1..3`, `norm`."""

    def __init__(
        self,
        window: int = 5,
        layers: int = 12,
        channels: int = 768,
        hidden_dim: int = 512,
        output_dim: int = 768,
        tokens: int = 32,
    ) -> None:
        super().__init__()
        self.tokens = tokens
        self.proj1 = nn.Linear(window * layers * channels, hidden_dim)
        self.proj2 = nn.Linear(hidden_dim, hidden_dim)
        self.proj3 = nn.Linear(hidden_dim, tokens * output_dim)
        self.norm = nn.LayerNorm(output_dim)

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> AudioProjection:
        """From the reference's names: seq_len, blocks, channels, intermediate_dim, output_dim and
        context_tokens.
        """
        return cls(
            window=config["seq_len"],
            layers=config["blocks"],
            channels=config["channels"],
            hidden_dim=config["intermediate_dim"],
            output_dim=config["output_dim"],
            tokens=config["context_tokens"],
        )

    def forward(self, windows: Tensor) -> Tensor:
        """(b, f, window, layers, channels) -> (b, f, tokens, output_dim)."""
        hidden = F.relu(self.proj1(windows.flatten(2)))
        hidden = F.relu(self.proj2(hidden))
        return self.norm(self.proj3(hidden).unflatten(-1, (self.tokens, -1)))
