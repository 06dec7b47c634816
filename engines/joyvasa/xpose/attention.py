"""The two plain attention layers of X-Pose in the cases where most of their work cancels out."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional


def attend_one(attention: nn.MultiheadAttention, value: torch.Tensor) -> torch.Tensor:
    """What attention gives when every query sees one key only: (..., C) values to (..., C).

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
    """Attention (B, Q, C) over (B, K, C); `blocked` (Q, K) bool is True where a query may not look."""
    return attention(queries, keys, values, attn_mask=blocked, need_weights=False)[0]
