"""W, rearranged to do less, with the same result except for rounding.

- What depends on the portrait alone is computed once: the compressed volume, its background copy, the
  source's heatmaps.
- A keypoint's sparse motion is a shift, so sampling by it is one small matrix per axis.
- Batch norms are folded into the convolutions before them; those of enlarged maps run on the small map.
- The 7x7x7 mask convolution goes through the Fourier transform; in float32 the large 3x3 ones are Winograd's.
- The shares of the motions add up to one, so the deformation is the grid plus the weighted shifts.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.joyvasa.fast.constant_folding import fold_batch_norm
from engines.joyvasa.fast.convolution import convolution
from engines.joyvasa.fast.enlarged_convolution import ToSlots
from engines.joyvasa.fast.fourier_convolution import FourierConv3d
from engines.joyvasa.fast.upsample_taps import enlarged
from engines.joyvasa.networks.warping import Warped, WarpingNetwork, coordinate_grid, heatmaps, sample_volume

MASK_TILE = 28
# Deeper blocks have so few cells that reading the weights decides, and these become more by rearranging.
MERGED_UP_BLOCKS = 3
WINOGRAD_DOWN_BLOCKS = 2


class WarpingSource(NamedTuple):
    """What W needs of a portrait, computed once; float32."""

    feature: Tensor  # (1, 32, 16, 64, 64)
    volume: Tensor  # (1, 4, 16, 64, 64): the compressed feature
    background: Tensor  # the same, sampled at the unmoved grid
    heat: Tensor  # (1, K, 16, 64, 64)
    kp_source: Tensor  # (1, K, 3)


def shift_matrix(size: int, shift: Tensor) -> Tensor:
    """Linear sampling of an axis at the coordinate grid moved by shifts (n,): (n, size, size), zeros outside.

    Row i says how sample i is made of the cells. The product over three axes is `sample_volume`'s trilinear
    sampling, whose corner weights are products as well.
    """
    cells = torch.arange(size, dtype=shift.dtype, device=shift.device)
    where = ((2 * cells / (size - 1) + shift[:, None]) * size - 1) / 2
    return (1 - (where[..., None] - cells).abs()).clamp_min(0)


def sample_shifted(volume: Tensor, shifts: Tensor) -> Tensor:
    """Sample (1, C, D, H, W) at the coordinate grid moved by each of the shifts (m, 3) -> (m, C, D, H, W)."""
    _, channels, depth, height, width = volume.shape
    along_x, along_y, along_z = (
        shift_matrix(n, s) for n, s in zip((width, height, depth), shifts.unbind(1), strict=True)
    )
    sampled = along_z[:, None] @ volume.flatten(3)
    sampled = along_y[:, None, None] @ sampled.unflatten(3, (height, width))
    return (sampled.flatten(1, 3) @ along_x.mT).view(-1, channels, depth, height, width)


def halved(x: Tensor) -> Tensor:
    """The mean of every 2x2 cells of (n, C, D, H, W). Pooling in 3-D does not know 16 bits on a CPU."""
    if x.is_contiguous():
        return functional.avg_pool2d(x.flatten(1, 2), 2).unflatten(1, x.shape[1:3])
    planes = x.transpose(1, 2)
    return functional.avg_pool2d(planes.flatten(0, 1), 2).unflatten(0, planes.shape[:2]).transpose(1, 2)


class FastWarping(nn.Module):
    """The warping network after training, for any portrait and batches of driving keypoints."""

    def __init__(self, plain: WarpingNetwork, dtype: torch.dtype = torch.float32) -> None:
        """dtype: of the convolutions; coordinates, masks and samples are always float32."""
        super().__init__()
        dense = plain.dense_motion_network
        hourglass = dense.hourglass
        self.dtype = dtype
        self.depth = dense.occlusion.in_channels // hourglass.out_channels
        self.planar = dtype == torch.float32
        weight, bias = fold_batch_norm(dense.compress, dense.norm)
        self.register_buffer("compress_weight", weight)
        self.register_buffer("compress_bias", bias)
        self.down = nn.ModuleList(
            convolution(*fold_batch_norm(block.conv, block.norm), dtype, minimal=i < WINOGRAD_DOWN_BLOCKS)
            for i, block in enumerate(hourglass.encoder.down_blocks)
        )
        up_blocks = list(hourglass.decoder.up_blocks)
        self.up = nn.ModuleList()
        for i, block in enumerate(up_blocks):
            weight, bias = fold_batch_norm(block.conv, block.norm)
            merged = i >= len(up_blocks) - MERGED_UP_BLOCKS
            self.up.append(
                ToSlots(weight, bias, enlarged(2)).to(dtype) if merged else convolution(weight, bias, dtype)
            )
        last = fold_batch_norm(hourglass.decoder.conv, hourglass.decoder.norm)
        self.last = convolution(*last, dtype, minimal=True)
        self.mask = FourierConv3d(
            dense.mask.weight.detach(), dense.mask.bias.detach(), depth=self.depth, tile=MASK_TILE
        )
        # One output channel: 49 products per cell, shifted and added up, instead of a convolution.
        kernel = dense.occlusion.weight.detach()[0]
        self.register_buffer("occlusion_weight", kernel.flip(1, 2).flatten(1).T.contiguous())
        self.register_buffer("occlusion_bias", dense.occlusion.bias.detach())
        self.third = convolution(*fold_batch_norm(plain.third.conv, plain.third.norm), dtype, minimal=True)
        self.slope = plain.third.slope
        self.register_buffer("fourth_weight", plain.fourth.weight.detach().to(dtype))
        self.register_buffer("fourth_bias", plain.fourth.bias.detach().to(dtype))

    def prepare(self, feature: Tensor, kp_source: Tensor) -> WarpingSource:
        """Feature volume (1, 32, 16, 64, 64) and keypoints (1, K, 3) -> what W needs of them."""
        feature, kp_source = feature.float(), kp_source.float()
        volume = functional.conv3d(feature, self.compress_weight, self.compress_bias).relu_()
        background = sample_shifted(volume, torch.zeros_like(kp_source[0, :1]))
        heat = heatmaps(coordinate_grid(feature.shape[2:], feature), kp_source)
        return WarpingSource(feature, volume, background, heat, kp_source)

    def forward(self, source: WarpingSource, kp_driving: Tensor) -> Warped:
        """Driving keypoints (n, K, 3) -> Warped, n of each; `out` has the convolutions' dtype."""
        shifts = source.kp_source - kp_driving.float()
        prediction = self._hourglass(self._moved(source, kp_driving.float(), shifts))
        mask = self.mask(prediction).softmax(dim=1)
        grid = coordinate_grid(source.feature.shape[2:], source.feature)
        moved = torch.einsum("nkdhw,nkc->ndhwc", mask[:, 1:], shifts)
        deformation = moved.add_(grid)
        occlusion = self._occlusion(prediction.flatten(1, 2))
        sampled = sample_volume(source.feature.expand(len(shifts), -1, -1, -1, -1), deformation)
        plane = functional.leaky_relu(self.third(self._laid_out(sampled.flatten(1, 2))), self.slope)
        out = functional.conv2d(plane, self.fourth_weight, self.fourth_bias) * occlusion.to(self.dtype)
        return Warped(out, occlusion, deformation)

    def _moved(self, source: WarpingSource, kp_driving: Tensor, shifts: Tensor) -> Tensor:
        """The hourglass's input (n, (1 + K) * 5, D, H, W): of every motion its heatmap, then its samples."""
        n, keypoints = shifts.shape[:2]
        channels, *size = source.volume.shape[1:]
        joined = source.volume.new_empty(n, 1 + keypoints, 1 + channels, *size)
        joined[:, 0, 0] = 0
        joined[:, 0, 1:] = source.background
        joined[:, 1:, 0] = heatmaps(coordinate_grid(size, source.feature), kp_driving).sub_(source.heat)
        joined[:, 1:, 1:] = sample_shifted(source.volume, shifts.flatten(0, 1)).unflatten(0, (n, keypoints))
        return self._laid_out(joined.flatten(1, 2))

    def _hourglass(self, x: Tensor) -> Tensor:
        """(n, 110, D, H, W) -> (n, 142, D, H, W) float32, planar."""
        skips = [x]
        for down in self.down:
            skips.append(halved(down(skips[-1]).relu_()))
        y = skips.pop()
        for up in self.up:
            if isinstance(up, ToSlots):
                y = up(y)
            else:
                y = up(functional.interpolate(y, scale_factor=(1, 2, 2))).relu_()
            y = torch.cat([y, skips.pop()], dim=1)
        return self.last(y).relu_().float().contiguous()

    def _occlusion(self, planes: Tensor) -> Tensor:
        """(n, 142 * D, H, W) -> (n, 1, H, W) in 0..1."""
        products = self.occlusion_weight @ planes.flatten(2)
        size = planes.shape[2:]
        return torch.sigmoid(functional.fold(products, size, 7, padding=3) + self.occlusion_bias)

    def _laid_out(self, x: Tensor) -> Tensor:
        """In the convolutions' dtype and layout: channels last in 16 bits, planes for the transforms."""
        if self.planar:
            return x
        return x.to(self.dtype, memory_format=torch.channels_last_3d if x.dim() == 5 else torch.channels_last)
