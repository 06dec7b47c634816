"""Truncates training windows, so that the network learns how voices end."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from engines.joyvasa.motion.windows import SAMPLES_PER_FRAME

PadMode = Literal["zero", "replicate"]


def truncate_audio(samples: Tensor, end: Tensor, pad_mode: PadMode = "zero") -> Tensor:
    """Samples (B, n) with silence, or the last sample held, from frame `end` (B,) int64, 1.. on."""
    return _truncate(samples.unsqueeze(-1), end * SAMPLES_PER_FRAME, pad_mode).squeeze(-1)


def truncate_motion(motion: Tensor, end: Tensor, pad_mode: PadMode = "zero") -> Tensor:
    """Motion (B, k, d) with zeros, or the last frame held, from frame `end` (B,) int64, 1.. on."""
    return _truncate(motion, end, pad_mode)


def _truncate(values: Tensor, end: Tensor, pad_mode: PadMode) -> Tensor:
    gone = (torch.arange(values.shape[1], device=values.device) >= end[:, None]).unsqueeze(-1)
    if pad_mode == "zero":
        return values.masked_fill(gone, 0)
    if pad_mode == "replicate":
        last = values[torch.arange(len(values), device=values.device), end - 1].unsqueeze(1)
        return torch.where(gone, last, values)
    raise ValueError(f"unknown pad_mode {pad_mode!r}; known: zero, replicate")
