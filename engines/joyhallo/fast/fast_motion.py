"""The motion module of the fast path: motion frames are prepared once, and computed where they are seen."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from engines.joyhallo.fast.fast_parts import add_to_out, attend, normed_tokens, pack, residual_map
from engines.joyhallo.networks.motion_module import MotionModule


class MotionMemory(NamedTuple):
    """What a clip's steps share in one motion module, for n rows of l pixels and k motion frames.

    tokens: (n*l, k, C), the motion frames after `proj_in`. wide: (n*l, k, 3 C), their queries, keys and
    values in the first attention.
    """

    tokens: Tensor
    wide: Tensor

    def seeing(self, rows: int, blind: int) -> MotionMemory:
        """Without the blind rows."""
        start = len(self.tokens) // rows * blind
        return MotionMemory(self.tokens[start:], self.wide[start:])


class FastMotion(nn.Module):
    """Runs a `MotionModule` and gives the video's frames only.

    The motion frames go into the second attention as keys and values, so they are carried through the first
    one; after the second nothing reads them.
    """

    first: Tensor
    second: Tensor

    def __init__(self, plain: MotionModule) -> None:
        super().__init__()
        self.plain = plain.transformer
        self.block = self.plain.transformer_blocks[0]
        attentions = self.block.attention_blocks
        self.heads: int = attentions[0].heads
        for name, attention in zip(("first", "second"), attentions, strict=True):
            packed = pack(attention.to_q, attention.to_k, attention.to_v)
            self.register_buffer(name, packed, persistent=False)

    def prepare(self, features: Tensor) -> MotionMemory:
        """features: (n, k, C, h, w)."""
        rows, frames = features.shape[:2]
        features = features.to(self.first.dtype).flatten(0, 1)
        tokens = self._by_pixel(normed_tokens(self.plain.norm, features), rows)
        return MotionMemory(tokens, F.linear(self._placed(0, tokens, slice(frames)), self.first))

    def forward(self, x: Tensor, memory: MotionMemory, rows: int) -> Tensor:
        """x (n*f, C, h, w), rows = n -> the same shape."""
        block: Any = self.block
        before, width = memory.tokens.shape[1:]
        tokens = self._by_pixel(normed_tokens(self.plain.norm, x), rows)
        everywhere = slice(before + tokens.shape[1])
        own = F.linear(self._placed(0, tokens, slice(before, everywhere.stop)), self.first)
        query, key, value = torch.cat([memory.wide, own], dim=1).chunk(3, dim=2)
        tokens = torch.cat([memory.tokens, tokens], dim=1)
        tokens = add_to_out(block.attention_blocks[0], attend(query, key, value, self.heads), tokens)
        placed = self._placed(1, tokens, everywhere)
        tokens = tokens[:, before:]
        # contiguous: torch multiplies other rows one batch at a time, each with a copy of the weight
        query = F.linear(placed[:, before:].contiguous(), self.second[:width])
        key, value = F.linear(placed, self.second[width:]).chunk(2, dim=2)
        tokens = add_to_out(block.attention_blocks[1], attend(query, key, value, self.heads), tokens)
        tokens = self.plain.proj_out(block.ff(block.ff_norm(tokens)).add_(tokens))
        frames = tokens.unflatten(0, (rows, -1)).transpose(1, 2)
        return residual_map(frames.flatten(0, 1), x)

    def _by_pixel(self, tokens: Tensor, rows: int) -> Tensor:
        """(n*f, l, C) through `proj_in` -> (n*l, f, C)."""
        tokens = tokens.unflatten(0, (rows, -1)).transpose(1, 2).flatten(0, 1)
        return self.plain.proj_in(tokens)

    def _placed(self, index: int, tokens: Tensor, places: slice) -> Tensor:
        """The input of an attention: normed, with the places of the frames added."""
        positions = self.block.attention_blocks[index].pos_encoder.pe[:, places]
        return self.block.norms[index](tokens).add_(positions)
