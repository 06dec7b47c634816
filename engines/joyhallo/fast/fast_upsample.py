"""A nearest-neighbour enlargement and the 3x3 convolution after it, in four ninths of the operations."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

TAPS = (((0,), (1, 2)), ((0, 1), (2,)))
"""For an even and an odd row of the result: which of three taps fall on the same of two rows of the input."""


class FastUpsample(nn.Module):
    """Each of the four pixels that one becomes sees only 2x2 different ones: taps on the same are added up.

    One convolution of kernel 2 makes all four; its borders, where the input ends, are cut away.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        plain = convolution.weight.detach()
        wide = plain.new_empty(4, *plain.shape[:2], 2, 2)
        for row in range(2):
            for column in range(2):
                wide[2 * row + column] = _merged(plain.float(), row, column).to(plain.dtype)
        self.register_buffer("weight", _laid_as(wide.flatten(0, 1), plain), persistent=False)
        assert convolution.bias is not None
        self.register_buffer("bias", convolution.bias.detach().repeat(4), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) -> (N, C', 2h, 2w)."""
        rows, _, height, width = x.shape
        four = F.conv2d(x, self.weight, self.bias, padding=1).unflatten(1, (2, 2, -1))
        channels = four.shape[3]
        out = torch.empty(
            (rows, channels, 2 * height, 2 * width),
            dtype=x.dtype,
            device=x.device,
            memory_format=torch.channels_last,
        )
        for row in range(2):
            for column in range(2):
                part = four[:, row, column, :, row : row + height, column : column + width]
                out[:, :, row::2, column::2] = part
        return out


def _merged(weight: Tensor, row: int, column: int) -> Tensor:
    """(C', C, 3, 3) -> (C', C, 2, 2) for one of the four pixels."""
    lines = [sum(weight[:, :, tap] for tap in taps) for taps in TAPS[row]]
    both = torch.stack(lines, dim=2)
    return torch.stack([sum(both[..., tap] for tap in taps) for taps in TAPS[column]], dim=3)


def _laid_as(weight: Tensor, other: Tensor) -> Tensor:
    last = other.is_contiguous(memory_format=torch.channels_last)
    return weight.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
