"""X-Pose as one network: a picture and the CLIP codes of some words in, boxes and keypoints out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from engines.joyvasa.xpose.attention import Perceptron
from engines.joyvasa.xpose.decoder import Decoder, Poses
from engines.joyvasa.xpose.encoder import Encoder
from engines.joyvasa.xpose.swin import SwinTransformer
from engines.joyvasa.xpose.transformer import Memory, Transformer

TEXT_WIDTH = 512
"""Width of CLIP ViT-B/32's text codes."""
MAX_INSTANCES = 350
"""The original fills the instance prompts up to so many rows of zeros, which have no effect on the rest."""


class Prompts(NamedTuple):
    """Projected words: made once per prompt set, used for every picture."""

    instances: torch.Tensor
    """(1, T, C)"""
    real: int
    """How many of the T rows are words; the rest is padding."""
    keypoints: torch.Tensor
    """(1, K, C)"""
    named: int
    """How many of the K rows are words."""


class XPose(nn.Module):
    """The network of `xpose.pth` (UniPose, Swin-T). Nothing is read from disk here.

    `label_enc`, `pos_proj` and `padding` are in the file and have no effect on what is found.
    """

    def __init__(
        self,
        *,
        channels: int = 256,
        inner: int = 2048,
        heads: int = 8,
        encoder_layers: int = 6,
        box_layers: int = 2,
        keypoint_layers: int = 4,
        levels: int = 4,
        points: int = 4,
        queries: int = 900,
        groups: int = 50,
        keypoints: int = 68,
        labels: int = 2000,
        word_width: int = 768,
        backbone_channels: int = 96,
        backbone_depths: Sequence[int] = (2, 2, 6, 2),
        backbone_heads: Sequence[int] = (3, 6, 12, 24),
        window: int = 7,
    ) -> None:
        super().__init__()
        self.max_keypoints = keypoints
        depth = box_layers + keypoint_layers
        box_head = Perceptron(channels, channels, 4, 3)
        pose_head = Perceptron(channels, channels, 2, 3)
        size_head = Perceptron(channels, channels, 2, 3)
        self.bbox_embed = nn.ModuleList([box_head] * depth)  # shared, but the file names each
        self.pose_embed = nn.ModuleList([pose_head] * (keypoint_layers + 1))
        self.pose_hw_embed = nn.ModuleList([size_head] * keypoint_layers)
        decoder = Decoder(
            self.bbox_embed,
            self.pose_embed,
            self.pose_hw_embed,
            channels=channels,
            inner=inner,
            heads=heads,
            depth=depth,
            levels=levels,
            points=points,
            keypoints=keypoints,
            groups=groups,
        )
        encoder = Encoder(channels, inner, heads, encoder_layers, levels, points)
        self.transformer = Transformer(encoder, decoder, channels=channels, levels=levels, queries=queries)
        self.label_enc = nn.Embedding(labels + 1, channels)
        self.projection = Perceptron(TEXT_WIDTH, channels, channels, 3)
        self.projection_kpt = Perceptron(TEXT_WIDTH, channels, channels, 3)
        self.pos_proj = nn.Linear(channels, word_width)
        self.padding = nn.Embedding(1, word_width)
        backbone = SwinTransformer(backbone_channels, backbone_depths, backbone_heads, window)
        self.backbone = nn.ModuleList([backbone])
        self.input_proj = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, channels, 1), nn.GroupNorm(32, channels))
            for width in backbone.channels[1:]
        )
        for _ in range(levels - len(self.input_proj)):  # one in the file
            coarser = nn.Conv2d(backbone.channels[-1], channels, 3, stride=2, padding=1)
            self.input_proj.append(nn.Sequential(coarser, nn.GroupNorm(32, channels)))

    def read_prompts(
        self, instances: torch.Tensor, keypoints: torch.Tensor, *, padded: bool = False
    ) -> Prompts:
        """Project CLIP codes: instances (T, 512), keypoints (K, 512), neither at unit length.

        padded: add the original's rows of zeros to both (350 and 68 in all). They change nothing of what
        is found for the words, and cost time; without them only the words are computed.
        Raises ValueError when there are more keypoints than the network was made for.
        """
        real, named = len(instances), len(keypoints)
        if named > self.max_keypoints:
            raise ValueError(f"{named} keypoints are asked for, but the network finds {self.max_keypoints}.")
        if padded:
            instances = functional.pad(instances, (0, 0, 0, MAX_INSTANCES - real))
            keypoints = functional.pad(keypoints, (0, 0, 0, self.max_keypoints - named))
        return Prompts(self.projection(instances)[None], real, self.projection_kpt(keypoints)[None], named)

    def look(self, image: torch.Tensor) -> list[torch.Tensor]:
        """A picture (B, 3, H, W), ImageNet-normalised, to one map (B, C, h, w) per level, the finest first.

        The coarsest levels are steps down from the backbone's last map, before its projection.
        """
        maps = self.backbone[0](image)
        maps += [maps[-1]] * (len(self.input_proj) - len(maps))
        return [project(plane) for project, plane in zip(self.input_proj, maps, strict=True)]

    def encode(self, image: torch.Tensor, prompts: Prompts) -> Memory:
        """A picture (B, 3, H, W), ImageNet-normalised, and the instance prompts, to the encoder's memory.

        The keypoint prompts are not used: one memory serves several sets of keypoints.
        """
        text = prompts.instances.expand(len(image), -1, -1)
        return self.transformer.encode(self.look(image), text, prompts.real)

    def decode(self, memory: Memory, prompts: Prompts) -> Poses:
        """The encoder's memory and the keypoint prompts to boxes and keypoints."""
        proposals = self.transformer.propose(memory)
        return self.transformer.decode(memory, proposals, prompts.keypoints, prompts.named)

    def forward(self, image: torch.Tensor, prompts: Prompts) -> Poses:
        """A picture (B, 3, H, W), ImageNet-normalised, to the poses of its best groups."""
        return self.decode(self.encode(image, prompts), prompts)
