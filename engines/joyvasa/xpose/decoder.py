"""The decoder: 900 boxes are refined twice, the best 50 become a box and its keypoints, refined four times.

From there on the queries of one box form a group, and a query sees only its own group. Groups are the
batch of the attention, so that no mask over all 50 * 69 queries is ever built.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn

from engines.joyvasa.xpose.attention import Perceptron, attend, attend_one, feed_forward
from engines.joyvasa.xpose.deformable import DeformableAttention, Shape
from engines.joyvasa.xpose.positions import box_positions, inverse_sigmoid

FIRST_SIZES = 17
"""Rows of `hw`: the sizes of the 17 original body points; `hw_append` has the others."""


class Poses(NamedTuple):
    """The decoder's result; all positions are in 0..1 of the image."""

    logits: torch.Tensor
    """(B, groups, T): how well each group fits each text token; the score is their sigmoid."""
    boxes: torch.Tensor
    """(B, groups, 4): centre x, centre y, width, height."""
    keypoints: torch.Tensor
    """(B, groups, K, 2): x, y in the order of the keypoint prompts."""
    groups: torch.Tensor
    """(B, groups) int64: the box query that each group was made from."""
    query_logits: torch.Tensor
    """(B, queries): the score by which groups were chosen, for all box queries."""


class DecoderLayer(nn.Module):
    """Queries attend to each other, to the text and to the image."""

    def __init__(self, channels: int, inner: int, heads: int, levels: int, points: int) -> None:
        super().__init__()
        self.cross_attn = DeformableAttention(channels, heads, levels, points)
        self.norm1 = nn.LayerNorm(channels)
        self.ca_text = nn.MultiheadAttention(channels, heads, batch_first=True)
        self.catext_norm = nn.LayerNorm(channels)
        self.self_attn = nn.MultiheadAttention(channels, heads, batch_first=True)
        self.norm2 = nn.LayerNorm(channels)
        self.linear1 = nn.Linear(channels, inner)
        self.linear2 = nn.Linear(inner, channels)
        self.norm3 = nn.LayerNorm(channels)

    def forward(
        self,
        queries: torch.Tensor,
        positions: torch.Tensor,
        boxes: torch.Tensor,
        text: torch.Tensor,
        memory: torch.Tensor,
        shapes: Sequence[Shape],
        group: int,
        blocked: torch.Tensor | None,
    ) -> torch.Tensor:
        """Queries (B, Q, C) with position codes (B, Q, C) and boxes (B, Q, 4) to (B, Q, C).

        Each `group` neighbouring queries see each other, except where `blocked` (group, group) is True.
        """
        batch, count, channels = queries.shape
        content = queries.reshape(-1, group, channels)
        placed = (queries + positions).reshape(-1, group, channels)
        seen = attend(self.self_attn, placed, placed, content, blocked).reshape(batch, count, channels)
        queries = self.norm2(queries + seen)
        queries = self.catext_norm(queries + self._read_text(queries + positions, text))
        queries = self.norm1(queries + self.cross_attn(queries + positions, boxes, memory, shapes))
        return self.norm3(queries + feed_forward(queries, self.linear1, self.linear2))

    def _read_text(self, queries: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        if text.shape[1] == 1:
            return attend_one(self.ca_text, text)
        return attend(self.ca_text, queries, text, text)


class Decoder(nn.Module):
    """All layers, the choice of groups between them, and the heads."""

    def __init__(
        self,
        heads_bbox: nn.ModuleList,
        heads_pose: nn.ModuleList,
        heads_size: nn.ModuleList,
        *,
        channels: int = 256,
        inner: int = 2048,
        heads: int = 8,
        depth: int = 6,
        levels: int = 4,
        points: int = 4,
        keypoints: int = 68,
        groups: int = 50,
    ) -> None:
        """There is one box head per layer, one size head per keypoint layer, and one pose head more."""
        super().__init__()
        self.groups = groups
        self.box_layers = depth - len(heads_size)
        self.layers = nn.ModuleList(
            DecoderLayer(channels, inner, heads, levels, points) for _ in range(depth)
        )
        self.norm = nn.LayerNorm(channels)
        self.ref_point_head = Perceptron(2 * channels, channels, channels, 2)
        self.hw = nn.Embedding(FIRST_SIZES, 2)
        self.hw_append = nn.Embedding(keypoints - FIRST_SIZES, 2)
        self.bbox_embed, self.pose_embed, self.pose_hw_embed = heads_bbox, heads_pose, heads_size

    def forward(
        self,
        queries: torch.Tensor,
        boxes: torch.Tensor,
        memory: torch.Tensor,
        shapes: Sequence[Shape],
        text: torch.Tensor,
        keypoint_text: torch.Tensor,
        named: int | None = None,
        groups: torch.Tensor | None = None,
    ) -> Poses:
        """Refine box queries (B, Q, C) with boxes (B, Q, 4) in 0..1, and find each box's keypoints.

        memory: (B, L, C) of the levels `shapes`. text: (B, T, C), without padding.
        keypoint_text: (1 or B, K, C), one row per keypoint. Only the first `named` rows have a name; they and
        the nameless ones do not attend to each other. None: all have one.
        groups: (B, groups) the box queries to continue with, instead of the best ones.
        """
        group, blocked = queries.shape[1], None
        query_logits = torch.empty(0)
        for i, layer in enumerate(self.layers):
            positions = self.ref_point_head(box_positions(boxes, queries.shape[-1]))
            queries = layer(queries, positions, boxes, text, memory, shapes, group, blocked)
            if i == len(self.layers) - 1:
                break
            if i < self.box_layers:
                boxes = (self.bbox_embed[i](queries) + inverse_sigmoid(boxes)).sigmoid()
            else:
                boxes = self._refine(queries, boxes, group, i)
            if i == self.box_layers - 1:
                query_logits = (queries @ text.transpose(1, 2)).amax(-1)
                if groups is None:
                    groups = query_logits.topk(min(self.groups, query_logits.shape[1]), dim=1).indices
                queries, boxes = self._expand(queries, boxes, keypoint_text, groups)
                group = 1 + keypoint_text.shape[1]
                blocked = nameless_mask(group, named, queries.device)
        assert groups is not None
        return self._read_out(queries, boxes, text, group, groups, query_logits)

    def _expand(
        self, queries: torch.Tensor, boxes: torch.Tensor, keypoint_text: torch.Tensor, groups: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Each chosen box query, followed by one query per keypoint: (B, groups * (1+K), C) and boxes."""
        batch, chosen = groups.shape
        keypoints = keypoint_text.shape[1]
        queries = queries.gather(1, groups[..., None].expand(-1, -1, queries.shape[-1]))[:, :, None]
        boxes = boxes.gather(1, groups[..., None].expand(-1, -1, 4))[:, :, None]
        shift = self.pose_embed[-1](keypoint_text)[:, None]  # (1 or B, 1, K, 2)
        centres = (inverse_sigmoid(boxes[..., :2]) + shift).sigmoid()
        sizes = torch.cat((self.hw.weight, self.hw_append.weight))[:keypoints].sigmoid() * boxes[..., 2:]
        content = keypoint_text[:, None].expand(batch, chosen, -1, -1)
        queries = torch.cat((queries, content), dim=2).flatten(1, 2)
        return queries, torch.cat((boxes, torch.cat((centres, sizes), dim=-1)), dim=2).flatten(1, 2)

    def _refine(self, queries: torch.Tensor, boxes: torch.Tensor, group: int, layer: int) -> torch.Tensor:
        """The boxes (B, Q, 4) of groups after a keypoint layer, from its output before the last norm."""
        step = layer - self.box_layers
        content = queries.unflatten(1, (-1, group))
        pose = content[:, :, 1:]
        keypoint_change = torch.cat((self.pose_embed[step](pose), self.pose_hw_embed[step](pose)), dim=-1)
        change = torch.cat((self.bbox_embed[layer](content[:, :, :1]), keypoint_change), dim=2)
        return (change.flatten(1, 2) + inverse_sigmoid(boxes)).sigmoid()

    def _read_out(
        self,
        queries: torch.Tensor,
        boxes: torch.Tensor,
        text: torch.Tensor,
        group: int,
        groups: torch.Tensor,
        query_logits: torch.Tensor,
    ) -> Poses:
        """The heads read the normalised output; boxes are those from before the last layer."""
        content = self.norm(queries).unflatten(1, (-1, group))
        before = inverse_sigmoid(boxes).unflatten(1, (-1, group))
        box, pose = content[:, :, 0], content[:, :, 1:]
        last = len(self.layers) - 1
        return Poses(
            logits=box @ text.transpose(1, 2),
            boxes=(self.bbox_embed[last](box) + before[:, :, 0]).sigmoid(),
            keypoints=(self.pose_embed[last - self.box_layers](pose) + before[:, :, 1:, :2]).sigmoid(),
            groups=groups,
            query_logits=query_logits,
        )


def nameless_mask(group: int, named: int | None, device: torch.device) -> torch.Tensor | None:
    """(group, group) bool, True between the box or a named keypoint and a nameless one. None: all see all."""
    if named is None or named + 1 >= group:
        return None
    nameless = torch.arange(group, device=device) > named
    return nameless[:, None] != nameless[None]
