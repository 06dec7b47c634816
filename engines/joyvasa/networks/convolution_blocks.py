"""The convolution blocks of which the appearance extractor and the warping network are built.

Attribute names are those of the published checkpoints: `conv`, `norm`, `conv1`, `norm1`, ... All blocks keep
the width and height, except for the down and up blocks.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ConvBlock2d(nn.Module):
    """Convolution, batch norm, activation: (B, C, H, W) -> (B, C', H, W)."""

    def __init__(self, channels: int, out_channels: int, *, slope: float = 0.0) -> None:
        """slope: of the activation below zero; 0 is ReLU."""
        super().__init__()
        self.conv = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(out_channels)
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        return functional.leaky_relu(self.norm(self.conv(x)), self.slope)


class DownBlock2d(ConvBlock2d):
    """A ConvBlock2d, then the mean of every 2x2 pixels: (B, C, H, W) -> (B, C', H/2, W/2)."""

    def __init__(self, channels: int, out_channels: int, *, factor: int = 2) -> None:
        """factor: pixels along each side that become one."""
        super().__init__(channels, out_channels)
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return functional.avg_pool2d(super().forward(x), self.factor)


class ConvBlock3d(nn.Module):
    """Convolution, batch norm, ReLU: (B, C, D, H, W) -> (B, C', D, H, W)."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(channels, out_channels, 3, padding=1)
        self.norm = nn.BatchNorm3d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(x)))


class DownBlock3d(ConvBlock3d):
    """A ConvBlock3d, then halves height and width, not depth."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.avg_pool3d(super().forward(x), (1, 2, 2))


class UpBlock3d(ConvBlock3d):
    """Doubles height and width, not depth, by repetition; then a ConvBlock3d."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.interpolate(x, scale_factor=(1, 2, 2)))


class ResBlock3d(nn.Module):
    """Two pre-activated convolutions added to the input: (B, C, D, H, W) -> the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm3d(channels)
        self.norm2 = nn.BatchNorm3d(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(functional.relu(self.norm1(x)))
        return x + self.conv2(functional.relu(self.norm2(y)))


class Hourglass(nn.Module):
    """A 3-D U-net that keeps depth: (B, C, D, H, W) -> (B, out_channels, D, H, W).

    Every up block's result is joined with the encoder's map of its size, the last one with the input itself,
    so that `out_channels` = block_expansion + C. H and W must be divisible by 2**num_blocks.
    """

    def __init__(self, channels: int, *, block_expansion: int, num_blocks: int, max_features: int) -> None:
        super().__init__()
        widths = [min(max_features, block_expansion * 2 ** (i + 1)) for i in range(num_blocks)]
        inputs = [channels, *widths]
        self.encoder = nn.Module()
        self.encoder.down_blocks = nn.ModuleList(map(DownBlock3d, inputs[:-1], inputs[1:]))
        self.decoder = nn.Module()
        self.decoder.up_blocks = nn.ModuleList(
            UpBlock3d(
                widths[i] * (1 if i == num_blocks - 1 else 2), min(max_features, block_expansion * 2**i)
            )
            for i in reversed(range(num_blocks))
        )
        self.out_channels = block_expansion + channels
        self.decoder.conv = nn.Conv3d(self.out_channels, self.out_channels, 3, padding=1)
        self.decoder.norm = nn.BatchNorm3d(self.out_channels)

    def forward(self, x: Tensor) -> Tensor:
        skips = [x]
        for down in self.encoder.down_blocks:
            skips.append(down(skips[-1]))
        y = skips.pop()
        for up in self.decoder.up_blocks:
            y = torch.cat([up(y), skips.pop()], dim=1)
        return functional.relu(self.decoder.norm(self.decoder.conv(y)))
