"""One layer of the denoiser's transformer without its cross-attention, which `FastDenoiser` computes."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from engines.joyvasa.fast.packed_linear import PackedLinear


class FastLayer:
    """The parts of an `nn.TransformerDecoderLayer` that run in evaluation; it normalises after each part."""

    def __init__(self, plain: nn.TransformerDecoderLayer) -> None:
        attention = plain.self_attn
        self.width, self.heads = attention.embed_dim, attention.num_heads
        weight, bias = attention.in_proj_weight, attention.in_proj_bias
        self.query = PackedLinear(weight[: self.width], bias[: self.width])
        self.key_value = PackedLinear(weight[self.width :], bias[self.width :])
        self.query_key_value = PackedLinear(weight, bias)
        self.out = PackedLinear(attention.out_proj.weight, attention.out_proj.bias)
        self.wide = PackedLinear(plain.linear1.weight, plain.linear1.bias)
        self.narrow = PackedLinear(plain.linear2.weight, plain.linear2.bias)
        self.norm1, self.norm2, self.norm3 = plain.norm1, plain.norm2, plain.norm3

    def self_attention(self, hidden: Tensor, skip: int = 0, inputs: Tensor | None = None) -> Tensor:
        """norm1(x + attention(x)) of hidden (B, k, width), for the tokens from `skip` on. inputs: their
        queries, keys and values side by side (B, k, 3 * width), if they are computed already.
        """
        asking = hidden[:, skip:]
        if skip:
            query, (key, value) = self.query(asking), self.key_value(hidden).chunk(2, dim=-1)
        else:
            inputs = self.query_key_value(hidden) if inputs is None else inputs
            query, key, value = inputs.chunk(3, dim=-1)
        mixed = attend(*(part.unflatten(-1, (self.heads, -1)) for part in (query, key, value)))
        return self.norm1(self.out.plus(mixed.flatten(2), asking))

    def after_cross_attention(self, hidden: Tensor, cross: Tensor) -> Tensor:
        """The rest of the layer, given what its cross-attention adds."""
        hidden = self.norm2(hidden + cross)
        return self.norm3(self.narrow.plus(self.wide.gelu(hidden), hidden))


def attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Softmax attention: queries (B, k, heads, d), keys and values (B, n, heads, d) -> (B, k, heads, d)."""
    query, key, value = (part.transpose(1, 2) for part in (query, key, value))
    if query.device.type != "cpu":
        return F.scaled_dot_product_attention(query, key, value).transpose(1, 2)
    # For a hundred tokens and narrow heads two products are quicker than the CPU's blockwise kernel; one
    # voice at a time they take the heads where they lie, without copies.
    mixed = query.new_empty(len(query), query.shape[2], query.shape[1], query.shape[3])
    for one, q, k, v in zip(mixed, query, key, value, strict=True):
        scores = torch.baddbmm(q.new_empty(1), q, k.transpose(1, 2), beta=0, alpha=q.shape[-1] ** -0.5)
        one.copy_(torch.bmm(scores.softmax(-1), v).transpose(0, 1))
    return mixed
