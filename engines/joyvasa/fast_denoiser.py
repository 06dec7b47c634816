"""The denoiser with what does not change taken out of the loop; the same numbers up to rounding.

A frame's cross-attention sees one audio frame, so its softmax is 1 and what remains is one linear map of that
frame, whatever the motion and the diffusion step: it is computed once per window, for the null features once
per model. Step embeddings are a table. Both guidance branches read the same motion, so they part only after
the first layer's self-attention (and the previous frames, which hear the same in both, after the whole first
layer). Its queries, keys and values are multiplied out with the input's projection: the previous frames'
share of them is computed once per window. The last layer computes the window's frames only.
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
        self.width = denoiser.feature_dim
        with torch.no_grad():
            maps = [_cross_map(layer.multihead_attn) for layer in self.layers]
            self.cross_weight = torch.cat([weight for weight, _ in maps])
            self.cross_bias = torch.cat([bias for _, bias in maps])
            weight, bias = denoiser.feature_proj.weight, denoiser.feature_proj.bias
            first = self.layers[0].self_attn
            self.wide_weight = torch.cat([weight, _apply(first.in_proj_weight, weight.T).T])
            self.wide_bias = torch.cat([bias, _apply(first.in_proj_weight, bias)])
            self.step_rows = self._widened(denoiser.diff_step_map(denoiser.TE.pe[0]))
            self.place = self._widened(denoiser.place(self.previous + self.motions))
            self.place[..., self.width :] += first.in_proj_bias
            self.null_cross = self.cross(null_audio)

    def _widened(self, tokens: Tensor) -> Tensor:
        """What is added to tokens, beside what that adds to the first layer's queries, keys and values."""
        return torch.cat([tokens, _apply(self.layers[0].self_attn.in_proj_weight, tokens)], dim=-1)

    def wide_tokens(self, motion: Tensor) -> Tensor:
        """(B, k, 70) -> (B, k, 4 * feature_dim): tokens, then the first layer's queries, keys and values."""
        return F.linear(motion, self.wide_weight, self.wide_bias)

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
        tokens = self.wide_tokens(previous_motion)
        return FastWindow(self, tokens, torch.cat(parts, dim=1), len(branches))


class FastWindow:
    """One window, ready for any number of steps."""

    def __init__(self, model: FastDenoiser, previous_tokens: Tensor, cross: Tensor, branches: int) -> None:
        self.model, self.previous_tokens, self.branches = model, previous_tokens, branches
        self.cross = list(cross.unbind(0))
        first = self.cross[0].unflatten(0, (branches, -1))
        later = first[:, :, model.previous :]
        self.first_cross = torch.cat([first[0, :, : model.previous], *later.unbind(0)], dim=1)

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
        model, width = self.model, self.model.width
        tokens = torch.cat([self.previous_tokens, model.wide_tokens(motion)], dim=1)
        row = model.step_rows[step] if isinstance(step, int) else model.step_rows[step].unsqueeze(1)
        if observe is not None:
            observe("feature_proj", tokens[..., :width])
            observe("after_PE", (tokens + model.place)[..., :width])
            observe("diff_step_embedding", row[..., :width].reshape(-1, width))
        hidden, inputs = (tokens + (model.place + row)).split([width, 3 * width], dim=-1)
        last = len(model.layers) - 1
        for index, layer in enumerate(model.layers):
            skip = model.previous if 0 < index == last and not all_outputs else 0
            hidden = _after_self_attention(layer, hidden, skip, inputs if index == 0 else None)
            if index == 0:
                hidden = self._part(_after_cross_attention(layer, self._gather(hidden), self.first_cross))
            else:
                hidden = _after_cross_attention(layer, hidden, self.cross[index][:, skip:])
            if observe is not None:
                observe(f"layer{index}", hidden)
        if not all_outputs:
            hidden = hidden[:, -model.motions :]
        return model.denoiser.motion_dec(hidden).unflatten(0, (self.branches, -1))

    def _gather(self, hidden: Tensor) -> Tensor:
        """All branches in one row: the previous frames once, then the window's once for each branch."""
        return torch.cat([hidden] + [hidden[:, self.model.previous :]] * (self.branches - 1), dim=1)

    def _part(self, hidden: Tensor) -> Tensor:
        """Back to one row per branch."""
        shared = hidden[:, : self.model.previous]
        own = hidden[:, self.model.previous :].chunk(self.branches, dim=1)
        return torch.cat([torch.cat([shared, part], dim=1) for part in own])


def _after_cross_attention(layer: Any, hidden: Tensor, cross: Tensor) -> Tensor:
    """The rest of a layer, given what its cross-attention adds."""
    hidden = layer.norm2(hidden + cross)
    inner = F.gelu(layer.linear1(hidden))
    return layer.norm3(layer.linear2(inner).add_(hidden))


def _after_self_attention(layer: Any, hidden: Tensor, skip: int, inputs: Tensor | None) -> Tensor:
    """norm1(x + attention(x)) of a layer, for the tokens from `skip` on; `inputs`: its queries, keys and
    values side by side, where they are there already."""
    attention: nn.MultiheadAttention = layer.self_attn
    batch, _, width = hidden.shape
    weight, bias = attention.in_proj_weight, attention.in_proj_bias
    asking = hidden[:, skip:]
    if skip:
        query = F.linear(asking, weight[:width], bias[:width])
        key, value = F.linear(hidden, weight[width:], bias[width:]).chunk(2, dim=-1)
    else:
        inputs = F.linear(hidden, weight, bias) if inputs is None else inputs
        query, key, value = inputs.chunk(3, dim=-1)
    mixed = _attend(*(_split(part, attention.num_heads) for part in (query, key, value)))
    mixed = mixed.unflatten(0, (batch, -1)).transpose(1, 2).reshape(batch, -1, width)
    return layer.norm1(attention.out_proj(mixed).add_(asking))


def _split(tokens: Tensor, heads: int) -> Tensor:
    """(B, k, heads * d) -> (B * heads, k, d)."""
    return tokens.unflatten(-1, (heads, -1)).transpose(1, 2).flatten(0, 1)


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Softmax attention of (n, k, d) heads."""
    if query.device.type != "cpu":  # its quick kernels want four axes
        return F.scaled_dot_product_attention(query[None], key[None], value[None])[0]
    # for a hundred tokens and narrow heads two products are quicker than the CPU's blockwise kernel
    scores = torch.baddbmm(
        query.new_empty(1), query, key.transpose(1, 2), beta=0, alpha=query.shape[-1] ** -0.5
    )
    return torch.bmm(scores.softmax(-1), value)


def _cross_map(attention: nn.MultiheadAttention) -> tuple[Tensor, Tensor]:
    """out_proj(v_proj(x)) as one matrix and bias."""
    value = attention.in_proj_weight[2 * attention.embed_dim :]
    value_bias = attention.in_proj_bias[2 * attention.embed_dim :]
    out = attention.out_proj
    return _apply(out.weight, value.T).T, _apply(out.weight, value_bias) + out.bias


def _apply(weight: Tensor, values: Tensor) -> Tensor:
    """A linear layer without bias: (..., n) -> (..., m), summed in float64, on the CPU (MPS cannot)."""
    return (values.cpu().double() @ weight.cpu().double().T).to(values)
