"""The denoiser with what does not change taken out of the loop; the same numbers up to rounding.

A frame's cross-attention sees one audio frame, so its softmax is 1 and what remains is one linear map of that
frame, whatever the motion and the diffusion step: it is computed once per window, for the null features once
per model. Step embeddings are a table. Both guidance branches read the same motion, so they part only after
the first layer's self-attention. The last layer computes the window's frames only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from engines.joyvasa.denoiser import Denoiser

Observer = Callable[[str, Tensor], None]
"""Receives intermediate results by name: what the parity harness compares."""


class FastDenoiser:
    """Precomputed tables and weights of one `Denoiser`; call `window` for each window, then that per step.

    The weights are shared with the denoiser (moved or changed weights need a new FastDenoiser).
    null_audio: (1, 1, feature_dim), what is heard where the voice is dropped.
    """

    def __init__(self, denoiser: Denoiser, null_audio: Tensor) -> None:
        self.denoiser = denoiser
        self.layers: list[Any] = list(denoiser.transformer.layers)
        self.previous, self.motions = denoiser.previous_motions, denoiser.motions
        with torch.no_grad():
            maps = [_cross_map(layer.multihead_attn) for layer in self.layers]
            self.cross_weight = torch.cat([weight for weight, _ in maps])
            self.cross_bias = torch.cat([bias for _, bias in maps])
            self.step_rows = denoiser.diff_step_map(denoiser.TE.pe[0])
            self.place = denoiser.place(self.previous + self.motions)
            self.null_cross = self.cross(null_audio)

    def cross(self, audio: Tensor) -> Tensor:
        """Cross-attention of all layers: (B, k, feature_dim) -> (layers, B, k, feature_dim)."""
        wide = F.linear(audio, self.cross_weight, self.cross_bias)
        return wide.unflatten(-1, (len(self.layers), -1)).movedim(2, 0)

    def window(
        self, previous_motion: Tensor, previous_audio: Tensor, audio: Tensor, branches: tuple[bool, ...]
    ) -> FastWindow:
        """Prepare a window of B voices: previous_motion (B, 25, 70), previous_audio (B, 25, 256), audio
        (B, 100, 256). `branches`: for each wanted prediction whether it hears the voice or the null features.
        """
        before, heard = self.cross(previous_audio), self.cross(audio)
        null = self.null_cross.expand_as(heard)
        parts = [torch.cat([before, heard if hears else null], dim=2) for hears in branches]
        tokens = self.denoiser.feature_proj(previous_motion)
        return FastWindow(self, tokens, torch.cat(parts, dim=1), len(branches))


class FastWindow:
    """One window, ready for any number of steps."""

    def __init__(self, model: FastDenoiser, previous_tokens: Tensor, cross: Tensor, branches: int) -> None:
        self.model, self.previous_tokens, self.branches = model, previous_tokens, branches
        self.cross = list(cross.unbind(0))

    def __call__(
        self,
        motion: Tensor,
        step: int | Tensor,
        *,
        all_outputs: bool = False,
        observe: Observer | None = None,
    ) -> Tensor:
        """Predictions (branches, B, 100, 70) for noisy motion (B, 100, 70) at one step (or (B,) int64).

        all_outputs: (branches, B, 125, 70), the previous frames' outputs, which nothing uses, too.
        """
        model, net = self.model, self.model.denoiser
        tokens = torch.cat([self.previous_tokens, net.feature_proj(motion)], dim=1)
        embedding = model.step_rows[step] if isinstance(step, int) else model.step_rows[step].unsqueeze(1)
        placed = tokens + model.place
        if observe is not None:
            observe("feature_proj", tokens)
            observe("after_PE", placed)
            observe("diff_step_embedding", embedding.reshape(-1, embedding.shape[-1]))
        hidden = placed + embedding
        last = len(model.layers) - 1
        for index, layer in enumerate(model.layers):
            skip = model.previous if index == last and not all_outputs else 0
            hidden = _after_self_attention(layer, hidden, skip)
            if index == 0 and self.branches > 1:
                hidden = hidden.repeat(self.branches, 1, 1)
            hidden = layer.norm2(hidden + self.cross[index][:, skip:])
            inner = F.gelu(layer.linear1(hidden))
            hidden = layer.norm3(hidden + layer.linear2(inner))
            if observe is not None:
                observe(f"layer{index}", hidden)
        return net.motion_dec(hidden).unflatten(0, (self.branches, -1))


def _after_self_attention(layer: Any, hidden: Tensor, skip: int) -> Tensor:
    """norm1(x + attention(x)) of a layer, for the tokens from `skip` on."""
    attention: nn.MultiheadAttention = layer.self_attn
    batch, _, width = hidden.shape
    weight, bias = attention.in_proj_weight, attention.in_proj_bias
    asking = hidden[:, skip:]
    if skip:
        query = F.linear(asking, weight[:width], bias[:width])
        key, value = F.linear(hidden, weight[width:], bias[width:]).chunk(2, dim=-1)
    else:
        query, key, value = F.linear(hidden, weight, bias).chunk(3, dim=-1)
    heads = (attention.num_heads, -1)
    mixed = F.scaled_dot_product_attention(
        query.unflatten(-1, heads).transpose(1, 2),
        key.unflatten(-1, heads).transpose(1, 2),
        value.unflatten(-1, heads).transpose(1, 2),
    )
    mixed = mixed.transpose(1, 2).reshape(batch, -1, width)
    return layer.norm1(asking + attention.out_proj(mixed))


def _cross_map(attention: nn.MultiheadAttention) -> tuple[Tensor, Tensor]:
    """out_proj(v_proj(x)) as one matrix and bias, multiplied out in float64."""
    width = attention.embed_dim
    value = attention.in_proj_weight[2 * width :].double()
    value_bias = attention.in_proj_bias[2 * width :].double()
    out, out_bias = attention.out_proj.weight.double(), attention.out_proj.bias.double()
    kind = attention.out_proj.weight.dtype
    return (out @ value).to(kind), (out @ value_bias + out_bias).to(kind)
