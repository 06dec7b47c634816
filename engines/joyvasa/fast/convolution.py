"""Chooses how a convolution with given weights is computed."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.joyvasa.fast.winograd_convolution import WinogradConv


class DirectConv(nn.Module):
    """A convolution that keeps the size, in one dtype: (n, C, [D,] H, W) -> (n, O, [D,] H, W)."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, weight: Tensor, bias: Tensor | None, dtype: torch.dtype) -> None:
        super().__init__()
        self.convolve = functional.conv3d if weight.dim() == 5 else functional.conv2d
        self.padding = weight.shape[-1] // 2
        layout = torch.channels_last_3d if weight.dim() == 5 else torch.channels_last
        planar = dtype == torch.float32
        self.register_buffer(
            "weight", weight.to(dtype, memory_format=torch.contiguous_format if planar else layout)
        )
        self.register_buffer("bias", bias if bias is None else bias.to(dtype))

    def forward(self, x: Tensor) -> Tensor:
        return self.convolve(x, self.weight, self.bias, padding=self.padding)


def convolution(weight: Tensor, bias: Tensor, dtype: torch.dtype, *, minimal: bool = False) -> nn.Module:
    """A convolution 1x1, 3x3 or 3x3x3 in this dtype.

    minimal: whether the map is large enough for Winograd's algorithm to pay. The algorithm is used only in
    float32, because of its rounding, and not on a GPU, whose units compute direct convolutions fast.
    """
    if minimal and dtype == torch.float32 and weight.device.type == "cpu":
        return WinogradConv(weight, bias)
    return DirectConv(weight, bias, dtype)
