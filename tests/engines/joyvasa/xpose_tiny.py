"""A narrow X-Pose for tests, in which every parameter changes the output."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

from engines.joyvasa.xpose.model import TEXT_WIDTH, XPose

M = TypeVar("M", bound=nn.Module)


def filled(module: M, seed: int = 0) -> M:
    """Give every parameter seeded noise: matrices keep the scale of what they pass on, norms lie around 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if parameter.ndim > 1:
                parameter.copy_(noise / parameter[0].numel() ** 0.5)
            else:
                parameter.copy_(float("norm" in name and name.endswith("weight")) + 0.1 * noise)
    return module.eval().requires_grad_(False)


def tiny_xpose(keypoints: int = 20) -> XPose:
    """All parts of X-Pose with few channels, queries and layers."""
    model = XPose(
        channels=64,
        inner=64,
        heads=4,
        encoder_layers=2,
        box_layers=2,
        keypoint_layers=2,
        points=2,
        queries=24,
        groups=3,
        keypoints=keypoints,
        labels=2,
        word_width=8,
        backbone_channels=16,
        backbone_depths=(1, 2, 2, 1),
        backbone_heads=(1, 2, 2, 4),
        window=3,
    )
    return filled(model)


def words(count: int, seed: int = 1) -> torch.Tensor:
    """(count, 512) codes of made-up words, as long as CLIP's."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, TEXT_WIDTH, generator=generator) * 0.4
