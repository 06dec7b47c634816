"""The denoiser with its constant parts computed outside of the loop; the numbers agree to rounding.

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

from engines.joyvasa.fast.fast_layer import FastLayer
from engines.joyvasa.fast.packed_linear import PackedLinear
from engines.joyvasa.networks.denoiser import Denoiser

Observer = Callable[[str, Tensor], None]
"""Receives intermediate results by name: what the parity harness compares."""


class FastDenoiser:
    """Precomputed tables and weights of one `Denoiser`; call `window` for each window, then that per step.

    Weights are shared with the denoiser or copied: after they are moved or changed, make a new FastDenoiser.
    null_audio: (1, 1, feature_dim), the features that replace a dropped voice.
    """

    def __init__(self, denoiser: Denoiser, null_audio: Tensor) -> None:
        self.denoiser = denoiser
        self.previous, self.motions = denoiser.previous_motions, denoiser.motions
        self.width = denoiser.feature_dim
        with torch.no_grad():
            plain: list[Any] = list(denoiser.transformer.layers)
            self.layers = [FastLayer(layer) for layer in plain]
            maps = [_cross_map(layer.multihead_attn) for layer in plain]
            self.cross_weight = torch.cat([weight for weight, _ in maps])
            self.cross_bias = torch.cat([bias for _, bias in maps])
            weight, bias = denoiser.feature_proj.weight, denoiser.feature_proj.bias
            first = plain[0].self_attn
            self.first_inputs = first.in_proj_weight
            self.wide = PackedLinear(
                torch.cat([weight, _apply(self.first_inputs, weight.T).T]),
                torch.cat([bias, _apply(self.first_inputs, bias)]),
            )
            self.step_rows = self._widened(denoiser.diff_step_map(denoiser.TE.pe[0]))
            self.place = self._widened(denoiser.place(self.previous + self.motions))
            self.place[..., self.width :] += first.in_proj_bias
            self.null_cross = self.cross(null_audio)

    def _widened(self, tokens: Tensor) -> Tensor:
        """What is added to tokens, beside what that adds to the first layer's queries, keys and values."""
        return torch.cat([tokens, _apply(self.first_inputs, tokens)], dim=-1)

    def wide_tokens(self, motion: Tensor) -> Tensor:
        """(B, k, 70) -> (B, k, 4 * feature_dim): tokens, then the first layer's queries, keys and values."""
        return self.wide(motion)

    def cross(self, audio: Tensor) -> Tensor:
        """Cross-attention of all layers: (B, k, feature_dim) -> (layers, B, k, feature_dim)."""
        wide = F.linear(audio, self.cross_weight, self.cross_bias)
        return wide.unflatten(-1, (len(self.layers), -1)).movedim(2, 0)

    def window(
        self, previous_motion: Tensor, previous_audio: Tensor, audio: Tensor, branches: tuple[bool, ...]
    ) -> FastWindow:
        """Prepare a window of B voices: previous_motion (B, 25, 70), previous_audio (B, 25, 256), audio (B,
        100, 256). `branches`: for each wanted prediction, True for the voice, False for the null features.
        """
        before, current = self.cross(previous_audio), self.cross(audio)
        null = self.null_cross.expand_as(current)
        parts = [torch.cat([before, current if with_voice else null], dim=2) for with_voice in branches]
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
            hidden = layer.self_attention(hidden, skip, inputs if index == 0 else None)
            if index == 0:
                hidden = self._part(layer.after_cross_attention(self._gather(hidden), self.first_cross))
            else:
                hidden = layer.after_cross_attention(hidden, self.cross[index][:, skip:])
            if observe is not None:
                observe(f"layer{index}", hidden)
        if not all_outputs:
            hidden = hidden[:, -model.motions :]
        return model.denoiser.motion_dec(hidden).unflatten(0, (self.branches, -1))

    def _gather(self, hidden: Tensor) -> Tensor:
        """Put all branches into one row: the previous frames once, then the window's frames once
        per branch.
        """
        return torch.cat([hidden] + [hidden[:, self.model.previous :]] * (self.branches - 1), dim=1)

    def _part(self, hidden: Tensor) -> Tensor:
        """Split into one row per branch."""
        shared = hidden[:, : self.model.previous]
        own = hidden[:, self.model.previous :].chunk(self.branches, dim=1)
        return torch.cat([torch.cat([shared, part], dim=1) for part in own])


def _cross_map(attention: nn.MultiheadAttention) -> tuple[Tensor, Tensor]:
    """out_proj(v_proj(x)) as one matrix and bias."""
    value = attention.in_proj_weight[2 * attention.embed_dim :]
    value_bias = attention.in_proj_bias[2 * attention.embed_dim :]
    out = attention.out_proj
    return _apply(out.weight, value.T).T, _apply(out.weight, value_bias) + out.bias


def _apply(weight: Tensor, values: Tensor) -> Tensor:
    """A linear layer without bias: (..., n) -> (..., m), summed in float64, on the CPU (MPS cannot)."""
    return (values.cpu().double() @ weight.cpu().double().T).to(values)
