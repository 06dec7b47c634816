"""The type in which clips are sampled and decoded, whatever the networks' type."""

from __future__ import annotations

import torch
from torch import Tensor


def full_precision(values: Tensor) -> Tensor:
    """The values in float32; values in float64, in which rounding is measured, stay as they are."""
    return values if values.dtype == torch.float64 else values.float()
