"""Sine codes of places and boxes, and the inverse of the sigmoid in which boxes are refined."""

from __future__ import annotations

import math

import torch

IMAGE_TEMPERATURE = 20.0
"""Of the position code of memory tokens (the checkpoint's configuration: 20 for both axes)."""
BOX_TEMPERATURE = 10000.0
"""Of the position code of queries, for their box."""
INVERSE_SIGMOID_EPS = 1e-3


def sine_code(values: torch.Tensor, width: int, temperature: float) -> torch.Tensor:
    """Numbers of about 0..1, of any shape, to (..., width): sines at even places, cosines at odd ones.

    Place i has the frequency 2 pi / temperature^(2*(i//2)/width), so that each sine has its cosine.
    """
    place = torch.arange(width, dtype=torch.float32, device=values.device)
    period = temperature ** (2 * torch.div(place, 2, rounding_mode="floor") / width)
    angle = (values * (2 * math.pi))[..., None] / period
    return torch.stack((angle[..., 0::2].sin(), angle[..., 1::2].cos()), dim=-1).flatten(-2)


def image_positions(height: int, width: int, channels: int, device: torch.device) -> torch.Tensor:
    """(height*width, channels) float32: half the channels say the row, the other half the column.

    Rows and columns count from 1 and are divided by how many there are (plus 1e-6, as the original).
    """
    half = channels // 2
    rows = torch.arange(1, height + 1, dtype=torch.float32, device=device)
    columns = torch.arange(1, width + 1, dtype=torch.float32, device=device)
    row_code = sine_code(rows / (rows[-1] + 1e-6), half, IMAGE_TEMPERATURE)
    column_code = sine_code(columns / (columns[-1] + 1e-6), half, IMAGE_TEMPERATURE)
    grid = (height, width, half)
    code = torch.cat((row_code[:, None].expand(grid), column_code[None].expand(grid)), dim=-1)
    return code.reshape(height * width, channels)


def box_positions(boxes: torch.Tensor, channels: int) -> torch.Tensor:
    """(..., 4) boxes (centre x, y, width, height in 0..1) to (..., 2*channels) in the order y, x, w, h."""
    return sine_code(boxes[..., [1, 0, 2, 3]], channels // 2, BOX_TEMPERATURE).flatten(-2)


def inverse_sigmoid(x: torch.Tensor) -> torch.Tensor:
    """The logit of numbers in 0..1, with both x and 1-x kept at 1e-3 or above."""
    x = x.clamp(0, 1)
    return torch.log(x.clamp(min=INVERSE_SIGMOID_EPS) / (1 - x).clamp(min=INVERSE_SIGMOID_EPS))
