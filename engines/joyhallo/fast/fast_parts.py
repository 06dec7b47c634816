"""Pieces of the fast path: the same arithmetic with fewer passes over memory."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from engines.joyhallo.networks.token_rows import to_tokens


def pack(*layers: Any) -> Tensor:
    """The weights of linear layers over the same input as one matrix (sum of outputs, inputs).

    The layers become views of it, so that the weights are in memory once and the plain network still works.
    """
    weight = torch.cat([layer.weight.detach() for layer in layers])
    start = 0
    for layer in layers:
        rows = weight[start : start + layer.out_features]
        layer.weight = nn.Parameter(rows, requires_grad=False)
        start += layer.out_features
    return weight


def heads_of(tokens: Tensor, heads: int) -> Tensor:
    """(N, l, heads * d) -> (N, heads, l, d), a view."""
    return tokens.unflatten(-1, (heads, -1)).transpose(1, 2)


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """Fused attention of (N, q, C) to (N, k, C) -> (N, q, C)."""
    parts = (heads_of(part, heads) for part in (query, key, value))
    return F.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)


def add_to_out(attention: Any, attended: Tensor, residual: Tensor) -> Tensor:
    """An attention's last linear layer, added to what it started from."""
    return attention.to_out[0](attended).add_(residual)


def scores(tokens: Tensor, keys: Tensor) -> Tensor:
    """(b, l, C) x (b, C, k) -> (b, l, k); in half precision on a GPU the sums stay float32."""
    if tokens.is_cuda and tokens.dtype != torch.float32:
        return torch.bmm(tokens, keys, out_dtype=torch.float32)
    return torch.bmm(tokens, keys)


def probabilities(tokens: Tensor, keys: Tensor, heads: int) -> Tensor:
    """Attention weights (b, l, heads * k) of tokens (b, l, C) over k keys per head, (b, C, heads * k)."""
    weights = scores(tokens, keys).unflatten(-1, (heads, -1)).softmax(dim=-1)
    return weights.flatten(-2).to(tokens.dtype)


def folded_keys(attention: Any, context: Tensor) -> Tensor:
    """What a token is multiplied by to have its scores: (b, C, heads * k) float32, of context (b, k, D).

    A score is (Wq x) . (Wk t) / sqrt(d) = x . (Wq' Wk t) / sqrt(d). With few keys, and these the same in all
    steps, the right side is one small matrix, and the queries need not be computed at all.
    """
    heads = attention.heads
    key = F.linear(context.float(), attention.to_k.weight.float()).unflatten(-1, (heads, -1))
    query_weight = attention.to_q.weight.float().unflatten(0, (heads, -1))
    return torch.einsum("bkhd,hdc->bchk", key * attention.scale, query_weight).flatten(2)


def folded_values(attention: Any, context: Tensor) -> Tensor:
    """What attention weights are multiplied by to have the output: (b, heads * k, C) float32.

    The weights of each head add up to 1, so the output's bias is in there too, an equal share per head.
    """
    heads = attention.heads
    value = F.linear(context.float(), attention.to_v.weight.float()).unflatten(-1, (heads, -1))
    out = attention.to_out[0]
    out_weight = out.weight.float().unflatten(1, (heads, -1))
    folded = torch.einsum("bkhd,chd->bhkc", value, out_weight) + out.bias.float() / heads
    return folded.flatten(1, 2)


def pointwise(convolution: Any, tokens: Tensor) -> Tensor:
    """A 1x1 convolution on tokens."""
    return F.linear(tokens, convolution.weight.flatten(1), convolution.bias)


def normed_tokens(norm: Any, x: Tensor) -> Tensor:
    """GroupNorm of a map (N, C, h, w), as tokens (N, l, C)."""
    return to_tokens(norm(x))


def residual_map(tokens: Tensor, x: Tensor) -> Tensor:
    """Tokens (N, l, C) added to a map, which stays channels-last."""
    return x + tokens.unflatten(1, x.shape[2:]).permute(0, 3, 1, 2)
