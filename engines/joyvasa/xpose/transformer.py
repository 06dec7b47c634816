"""Encoder, choice of proposals and decoder, joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn

from engines.joyvasa.xpose.attention import Perceptron
from engines.joyvasa.xpose.decoder import Decoder, Poses
from engines.joyvasa.xpose.deformable import Shape
from engines.joyvasa.xpose.encoder import Encoder, token_centres
from engines.joyvasa.xpose.positions import image_positions

BASE_SIZE = 0.05
"""Side of the boxes on the finest level, as a part of the picture; it doubles from level to level."""
BORDER = 0.01
"""Proposals nearer than this to 0 or 1, in any of the four numbers, are not used."""


class Memory(NamedTuple):
    """What the encoder made of one picture and one instance prompt."""

    picture: torch.Tensor
    """(B, L, C) tokens of all levels."""
    text: torch.Tensor
    """(B, T, C)"""
    shapes: Sequence[Shape]
    real: int
    """How many rows of the text are not padding."""


class Proposals(NamedTuple):
    """What each picture token suggests."""

    scores: torch.Tensor
    """(B, L): the best logit over the text tokens."""
    anchors: torch.Tensor
    """(L, 4) logits of the box around each token; infinite where it lies on the border."""
    content: torch.Tensor
    """(B, L, C) what the boxes are read from."""


class Transformer(nn.Module):
    """X-Pose behind the backbone and the text projections."""

    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        *,
        channels: int = 256,
        levels: int = 4,
        queries: int = 900,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.level_embed = nn.Parameter(torch.zeros(levels, channels))
        self.tgt_embed = nn.Embedding(queries, channels)
        self.enc_output = nn.Linear(channels, channels)
        self.enc_output_norm = nn.LayerNorm(channels)
        self.enc_out_bbox_embed = Perceptron(channels, channels, 4, 3)

    def encode(self, maps: Sequence[torch.Tensor], text: torch.Tensor, real: int) -> Memory:
        """Maps (B, C, h, w), the finest first, and text (B, T, C) of which the first `real` rows count."""
        shapes = [(plane.shape[2], plane.shape[3]) for plane in maps]
        picture = torch.cat([plane.flatten(2).transpose(1, 2) for plane in maps], dim=1)
        positions = torch.cat(
            [
                image_positions(*shape, picture.shape[-1], picture.device) + level
                for shape, level in zip(shapes, self.level_embed, strict=True)
            ]
        )
        picture, text = self.encoder(picture, positions.to(picture.dtype), shapes, text, real)
        return Memory(picture, text, shapes, real)

    def propose(self, memory: Memory) -> Proposals:
        """Score every token of the picture as the place of a box."""
        anchors = anchor_boxes(memory.shapes, memory.picture.device).to(memory.picture.dtype)
        inside = ((anchors > BORDER) & (anchors < 1 - BORDER)).all(-1, keepdim=True)
        content = self.enc_output_norm(self.enc_output(memory.picture * inside))
        scores = (content @ memory.text[:, : memory.real].transpose(1, 2)).amax(-1)
        return Proposals(scores, anchors.logit().masked_fill(~inside, torch.inf), content)

    def decode(
        self,
        memory: Memory,
        proposals: Proposals,
        keypoint_text: torch.Tensor,
        named: int | None = None,
        chosen: torch.Tensor | None = None,
        groups: torch.Tensor | None = None,
    ) -> Poses:
        """Find boxes and keypoints; see `Decoder.forward` for keypoint_text, named and groups.

        chosen: (B, Q) the proposals to begin with, instead of the best ones, best first.
        """
        if chosen is None:
            count = min(self.tgt_embed.num_embeddings, proposals.scores.shape[1])
            chosen = proposals.scores.topk(count, dim=1).indices
        content = proposals.content.gather(1, chosen[..., None].expand(-1, -1, self.level_embed.shape[1]))
        boxes = (self.enc_out_bbox_embed(content) + proposals.anchors[chosen]).sigmoid()
        queries = self.tgt_embed.weight[: chosen.shape[1]].expand(len(chosen), -1, -1)
        text = memory.text[:, : memory.real]
        return self.decoder(queries, boxes, memory.picture, memory.shapes, text, keypoint_text, named, groups)


def anchor_boxes(shapes: Sequence[Shape], device: torch.device) -> torch.Tensor:
    """(L, 4) centre and size in 0..1 of one square box around each pixel of each level."""
    centres = token_centres(shapes, device)
    sizes = torch.cat(
        [
            torch.full((height * width, 2), BASE_SIZE * 2.0**level, device=device)
            for level, (height, width) in enumerate(shapes)
        ]
    )
    return torch.cat((centres, sizes), dim=-1)
