"""The two plain attention layers of X-Pose for the cases in which most of their work cancels out."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional


def attend_one(attention: nn.MultiheadAttention, value: torch.Tensor) -> torch.Tensor:
    """The result of attention when every query sees only one key: (..., C) values to (..., C).

    The softmax over one key is 1 whatever the query, so the value's and the output's projections remain.
    """
    start = 2 * attention.embed_dim
    projected = functional.linear(value, attention.in_proj_weight[start:], attention.in_proj_bias[start:])
    return attention.out_proj(projected)


def attend(
    attention: nn.MultiheadAttention,
    queries: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    blocked: torch.Tensor | None = None,
) -> torch.Tensor:
    """Attention (B, Q, C) over (B, K, C); `blocked` (Q, K) bool is True where a query must not attend."""
    return attention(queries, keys, values, attn_mask=blocked, need_weights=False)[0]


PIECE = 4096
"""Tokens that a wide layer takes at once, so that the values between its two maps stay in reused memory."""


class Perceptron(nn.Module):
    """Linear layers with a ReLU between them, none after the last. Keys: `layers.<i>.weight|bias`."""

    def __init__(self, inputs: int, hidden: int, outputs: int, layers: int) -> None:
        super().__init__()
        widths = [inputs, *[hidden] * (layers - 1), outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., inputs) to (..., outputs)."""
        for layer in self.layers[:-1]:
            x = layer(x).relu_()
        return self.layers[-1](x)


def feed_forward(x: torch.Tensor, first: nn.Linear, second: nn.Linear) -> torch.Tensor:
    """second(relu(first(x))) for tokens (B, N, C), a few thousand at a time."""
    pieces = [second(functional.relu(first(piece), inplace=True)) for piece in x.split(PIECE, dim=1)]
    return torch.cat(pieces, dim=1) if len(pieces) > 1 else pieces[0]
