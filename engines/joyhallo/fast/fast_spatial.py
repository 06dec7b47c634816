"""The spatial transformer of the fast path: each half of guidance attends only to its own input."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
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
from engines.joyhallo.networks.spatial_transformer import SpatialTransformer
from engines.joyhallo.pipeline.conditions import ClipConditions


class SpatialMemory(NamedTuple):
    """What a clip's steps share in one spatial transformer.

    reference: (videos, p, l, 2 C), keys and values of the portrait's rows; the frames that see them take
    them in turn. keys, values: (n, C, heads * 4) and (n, heads * 4, C), folded from the face tokens.
    """

    reference: Tensor
    keys: Tensor
    values: Tensor

    def seeing(self, blind: int) -> SpatialMemory:
        """Without the blind rows."""
        return SpatialMemory(self.reference, self.keys[blind:], self.values[blind:])


class FastSpatial(nn.Module):
    """Runs a `SpatialTransformer` on rows of frames, the blind ones first."""

    packed: Tensor

    def __init__(self, plain: SpatialTransformer) -> None:
        super().__init__()
        self.plain, self.block = plain, plain.block
        self.heads: int = plain.block.attn1.heads
        attention = plain.block.attn1
        packed = pack(attention.to_q, attention.to_k, attention.to_v)
        self.register_buffer("packed", packed, persistent=False)

    def prepare(self, conditions: ClipConditions, bank: Tensor) -> SpatialMemory:
        """bank: (n, 1 + motion frames, l, C)."""
        dtype, width = self.packed.dtype, self.packed.shape[1]
        rows, frames, blind = conditions.rows, conditions.frames, conditions.blind
        projected = nn.functional.linear(bank[:, 0].to(dtype), self.packed[width:])
        # row r of all frames sees the portrait's row r % n; where that is the same for every video one period
        # is kept, else one for each frame
        videos = rows - blind
        period = rows if frames % rows == 0 else frames
        index = [(row * frames + k) % rows for row in range(blind, rows) for k in range(period)]
        reference = projected[index].unflatten(0, (videos, period))
        keys = folded_keys(self.block.attn2, conditions.face_tokens).to(dtype)
        values = folded_values(self.block.attn2, conditions.face_tokens).to(dtype)
        return SpatialMemory(reference, keys, values)

    def forward(self, x: Tensor, memory: SpatialMemory) -> Tensor:
        """x (n*f, C, h, w) -> the same shape."""
        block: Any = self.block
        rows = memory.keys.shape[0]
        tokens = pointwise(self.plain.proj_in, normed_tokens(self.plain.norm, x))
        tokens = self._look(tokens, memory)
        wide = block.norm2(tokens).unflatten(0, (rows, -1)).flatten(1, 2)
        seen = probabilities(wide, memory.keys, self.heads)
        tokens = torch.baddbmm(tokens.view(wide.shape), seen, memory.values).view(tokens.shape)
        tokens = block.ff(block.norm3(tokens)).add_(tokens)
        return residual_map(pointwise(self.plain.proj_out, tokens), x)

    def _look(self, tokens: Tensor, memory: SpatialMemory) -> Tensor:
        width = tokens.shape[2]
        videos, period = memory.reference.shape[:2]
        wide = nn.functional.linear(self.block.norm1(tokens), self.packed)
        blind = len(tokens) // memory.keys.shape[0] * (memory.keys.shape[0] - videos)
        query, own = wide[blind:, :, :width], wide[blind:, :, width:]
        own = own.unflatten(0, (videos, -1, period))
        reference = memory.reference.unsqueeze(1).expand(-1, own.shape[1], -1, -1, -1)
        both = torch.cat([own, reference], dim=3).flatten(0, 2)
        attended = attend(query, both[..., :width], both[..., width:], self.heads)
        if blind:
            query, key, value = wide[:blind].chunk(3, dim=2)
            attended = torch.cat([attend(query, key, value, self.heads), attended])
        return add_to_out(self.block.attn1, attended, tokens)
