"""A 3-D convolution by way of the Fourier transform: the same numbers with far fewer multiplications.

A kernel of 7 x 7 x 7 costs 343 multiplications per pair of channels and cell. In frequencies it costs one,
and the transforms cost little, since there are few channels. The plane is cut into overlapping tiles, so
that the kernel's frequencies stay few; depth is transformed whole. Rounding differs from a direct convolution
by some 1e-7 of the largest value.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

AXES = (-3, -2, -1)


class FourierConv3d(nn.Module):
    """A convolution (n, C, D, H, W) -> (n, O, D, H, W), float32, zeros outside, odd cubic kernel.

    D is fixed by the constructor; H and W are free.
    """

    spectrum: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, *, depth: int, tile: int) -> None:
        """weight: (O, C, k, k, k). tile: side of a tile, of which tile - k + 1 cells are new."""
        super().__init__()
        self.kernel = weight.shape[-1]
        self.size = (depth + self.kernel - 1, tile, tile)
        self.new = tile - self.kernel + 1
        transformed = torch.fft.rfftn(weight.float(), s=self.size, dim=AXES).conj()  # correlation: conjugate
        self.register_buffer("spectrum", transformed.flatten(2).permute(2, 1, 0).resolve_conj().contiguous())
        self.register_buffer("bias", bias.float())

    def forward(self, x: Tensor) -> Tensor:
        # One frame after the other: a frame's frequencies take some 100 MB.
        return torch.cat([self._one(frame) for frame in x.split(1)])

    def _one(self, x: Tensor) -> Tensor:
        channels, _, height, width = x.shape[1:]
        rows, columns = -(-height // self.new), -(-width // self.new)
        edge = self.kernel // 2
        right, below = columns * self.new - width + edge, rows * self.new - height + edge
        padded = functional.pad(x[0].float(), (edge, right, edge, below, edge, edge))
        tiles = padded.unfold(2, self.size[1], self.new).unfold(3, self.size[2], self.new)
        tiles = tiles.permute(0, 2, 3, 1, 4, 5).flatten(0, 2)  # (C * rows * columns, D', T, T)
        frequencies = torch.fft.rfftn(tiles, dim=AXES)
        by_frequency = frequencies.flatten(1).view(channels, rows * columns, -1).permute(2, 1, 0).contiguous()
        product = torch.bmm(by_frequency, self.spectrum).permute(2, 1, 0).contiguous()
        cells = torch.fft.irfftn(product.unflatten(2, frequencies.shape[1:]), s=self.size, dim=AXES)
        cells = cells[:, :, : x.shape[2], : self.new, : self.new].unflatten(1, (rows, columns))
        plane = cells.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)[..., :height, :width]
        return (plane + self.bias[:, None, None, None])[None]
