"""The audio module of the fast path: three masks in one matrix product, silence as a constant."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from engines.joyhallo.fast.fast_parts import (
    add_to_out,
    attend,
    folded_keys,
    folded_values,
    normed_tokens,
    pack,
    pointwise,
    probabilities,
    residual_map,
)
from engines.joyhallo.networks.audio_module import AudioModule, AudioTransformerBlock
from engines.joyhallo.pipeline.conditions import ClipConditions


class AudioMemory(NamedTuple):
    """What a clip's steps share in one audio module, of m = (n - blind rows) * f frames with a voice.

    keys: (m, C, a * heads * 32) for the a attentions, folded from the audio tokens.
    values: (m, 3 * heads * 32, C): for each region its values, output and convolution in one, scaled.
    masks: (1 or m, l, 3).
    bias: (C,), what the convolutions add everywhere.
    silence: (1 or frames, l, C), added to rows without a voice; no rows if all have one.
    """

    keys: Tensor
    values: Tensor
    masks: Tensor
    bias: Tensor
    silence: Tensor

    def seeing(self, blind: int) -> AudioMemory:
        """Without the blind rows."""
        return self._replace(silence=self.silence[:0])


class FastAudio(nn.Module):
    """Runs an `AudioModule` of either kind on rows of frames; the blind rows, which get no voice,
    come first.
    """

    packed: Tensor

    def __init__(self, plain: AudioModule) -> None:
        super().__init__()
        self.plain = plain
        self.block: AudioTransformerBlock = plain.block
        attention: Any = self.block.attn1
        self.heads: int = attention.heads
        packed = pack(attention.to_q, attention.to_k, attention.to_v)
        self.register_buffer("packed", packed, persistent=False)

    def prepare(self, conditions: ClipConditions, masks: Tensor) -> AudioMemory:
        """masks: (3, 1 or n*f, l), of the module's level."""
        dtype, silent = self.packed.dtype, conditions.blind * conditions.frames
        audio = conditions.audio_tokens.flatten(0, 1)[silent:]
        attentions, convolutions = self.block.audio_attentions(), self.block.convolutions()
        keys = [folded_keys(attention, audio) for attention in attentions[: self.block.attentions]]
        weights = [c.weight.flatten(1).float() * s for c, s in _scaled(convolutions, conditions)]
        bias = sum(c.bias.float() * s for c, s in _scaled(convolutions, conditions))
        values = [
            folded_values(attention, audio) @ weight.mT
            for attention, weight in zip(attentions, weights, strict=True)
        ]
        by_row = masks.permute(1, 2, 0).to(audio.device, torch.float32)
        attended, unattended = (by_row, by_row) if len(by_row) == 1 else (by_row[silent:], by_row[:silent])
        silence = bias.new_zeros(0, masks.shape[2], len(bias))
        if silent:
            outputs = [
                weight @ a.to_out[0].bias.float() for a, weight in zip(attentions, weights, strict=True)
            ]
            silence = unattended @ torch.stack(outputs) + bias
        return AudioMemory(
            torch.cat(keys, dim=2).to(dtype),
            torch.cat(values, dim=1).to(dtype),
            attended.to(dtype, copy=True, memory_format=torch.contiguous_format),
            bias.to(dtype),
            silence.to(dtype),
        )

    def forward(self, x: Tensor, memory: AudioMemory) -> Tensor:
        """x (n*f, C, h, w) -> the same shape."""
        block: Any = self.block
        tokens = pointwise(self.plain.proj_in, normed_tokens(self.plain.norm, x))
        query, key, value = F.linear(block.norm1(tokens), self.packed).chunk(3, dim=2)
        tokens = add_to_out(block.attn1, attend(query, key, value, self.heads), tokens)
        silent = len(tokens) - len(memory.keys)
        attended = self._attend_to_voice(tokens[silent:], memory)
        tokens = torch.cat([tokens[:silent] + memory.silence, attended]) if silent else attended
        tokens = block.ff(block.norm3(tokens)).add_(tokens)
        return residual_map(pointwise(self.plain.proj_out, tokens), x)

    def _attend_to_voice(self, tokens: Tensor, memory: AudioMemory) -> Tensor:
        kinds = self.block.attentions
        shares = probabilities(self.block.norm2(tokens), memory.keys, kinds * self.heads)
        masked = shares.unflatten(-1, (kinds, -1)) * memory.masks.unsqueeze(-1)
        return torch.baddbmm(tokens, masked.flatten(2), memory.values).add_(memory.bias)


def _scaled(convolutions: list[Any], conditions: ClipConditions) -> list[tuple[Any, float]]:
    return list(zip(convolutions, conditions.motion_scale, strict=True))
