"""Resizes frames for the two networks with tensor arithmetic instead of image arithmetic.

VBench turned antialiasing off explicitly in November 2024; before, it depended on the library's version.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

SIDE = 224
DINO_MEAN, DINO_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def for_dino(frames: np.ndarray) -> Tensor:
    """(n, 3, h, w) float32 of (n, H, W, 3) uint8 RGB: the shorter side is 224, and nothing is cropped."""
    return _normalised(_shorter_side(frames, "bilinear"), DINO_MEAN, DINO_STD)


def for_clip(frames: np.ndarray) -> Tensor:
    """(n, 3, 224, 224) float32 of (n, H, W, 3) uint8 RGB: the middle crop; some values exceed white."""
    x = _shorter_side(frames, "bicubic")
    top, left = (round((side - SIDE) / 2) for side in x.shape[2:])
    return _normalised(x[..., top : top + SIDE, left : left + SIDE], CLIP_MEAN, CLIP_STD)


def _shorter_side(frames: np.ndarray, mode: Literal["bilinear", "bicubic"]) -> Tensor:
    height, width = frames.shape[1:3]
    short, long = sorted((height, width))
    longer = int(SIDE * long / short)
    size = (SIDE, longer) if height <= width else (longer, SIDE)
    x = torch.from_numpy(np.ascontiguousarray(frames)).permute(0, 3, 1, 2).float()
    return functional.interpolate(x, size=size, mode=mode, align_corners=False, antialias=False)


def _normalised(x: Tensor, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    shape = (1, 3, 1, 1)
    return (x / 255.0 - torch.tensor(mean).reshape(shape)) / torch.tensor(std).reshape(shape)
