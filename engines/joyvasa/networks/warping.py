"""W, the warping network: moves a portrait's feature volume from its own keypoints to the driving ones.

Coordinates run from -1 to 1 over each axis, endpoints included, in the order x, y, z. Sampling, however,
takes -1 and 1 for the outer edges of the outer cells (align_corners=False). The published weights were
trained with this mismatch, so it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.joyvasa.networks.convolution_blocks import ConvBlock2d, Hourglass

HEATMAP_VARIANCE = 0.01


class Warped(NamedTuple):
    """The result of the warping network; the generator needs only `out`."""

    out: Tensor  # (B, 256, 64, 64)
    occlusion_map: Tensor  # (B, 1, 64, 64) in 0..1
    deformation: Tensor  # (B, 16, 64, 64, 3): where each cell comes from


class DenseMotion(NamedTuple):
    """The source of every cell of the volume."""

    mask: Tensor  # (B, 1 + K, D, H, W): shares of the background and of each keypoint; they add up to 1
    deformation: Tensor  # (B, D, H, W, 3)
    occlusion_map: Tensor  # (B, 1, H, W)


def coordinate_grid(size: Sequence[int], like: Tensor) -> Tensor:
    """Size (D, H, W) -> (D, H, W, 3) of x, y, z from -1 to 1 with endpoints, of the dtype of `like`."""
    axes = [2 * torch.arange(n, dtype=like.dtype, device=like.device) / (n - 1) - 1 for n in size]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([x, y, z], dim=-1)


def heatmaps(grid: Tensor, keypoints: Tensor) -> Tensor:
    """Gaussians of variance 0.01 around keypoints (B, K, 3) on the grid (D, H, W, 3) -> (B, K, D, H, W)."""
    distance = (grid - keypoints[:, :, None, None, None]).square().sum(dim=-1)
    return torch.exp(-0.5 * distance / HEATMAP_VARIANCE)


def sparse_motions(grid: Tensor, kp_source: Tensor, kp_driving: Tensor) -> Tensor:
    """The grid, unmoved, then the grid moved by each keypoint: (B, 1 + K, D, H, W, 3)."""
    moved = grid + (kp_source - kp_driving)[:, :, None, None, None]
    return torch.cat([grid.expand(len(moved), 1, *grid.shape), moved], dim=1)


def sample_volume(volume: Tensor, where: Tensor) -> Tensor:
    """Trilinear samples of (B, C, D, H, W) at (B, D', H', W', 3), zero outside -> (B, C, D', H', W')."""
    return functional.grid_sample(volume, where, align_corners=False)


class DenseMotionNetwork(nn.Module):
    """Feature volume (B, C, D, H, W) and keypoints (B, K, 3) of source and driving -> DenseMotion."""

    def __init__(
        self,
        *,
        num_kp: int,
        reshape_channel: int,
        reshape_depth: int,
        block_expansion: int,
        max_features: int,
        num_blocks: int,
        compress: int,
    ) -> None:
        super().__init__()
        self.hourglass = Hourglass(
            (num_kp + 1) * (compress + 1),
            block_expansion=block_expansion,
            num_blocks=num_blocks,
            max_features=max_features,
        )
        out = self.hourglass.out_channels
        self.mask = nn.Conv3d(out, num_kp + 1, 7, padding=3)
        self.compress = nn.Conv3d(reshape_channel, compress, 1)
        self.norm = nn.BatchNorm3d(compress)
        self.occlusion = nn.Conv2d(out * reshape_depth, 1, 7, padding=3)

    def forward(self, feature: Tensor, kp_source: Tensor, kp_driving: Tensor) -> DenseMotion:
        compressed = functional.relu(self.norm(self.compress(feature)))
        grid = coordinate_grid(feature.shape[2:], feature)
        motions = sparse_motions(grid, kp_source, kp_driving)
        entries = motions.shape[1]
        warped = sample_volume(compressed.repeat_interleave(entries, dim=0), motions.flatten(0, 1))
        heat = heatmaps(grid, kp_driving) - heatmaps(grid, kp_source)
        heat = torch.cat([torch.zeros_like(heat[:, :1]), heat], dim=1)  # the background moves nowhere
        # Each entry's channels stay together: its heatmap first, then its warped volume.
        joined = torch.cat([heat[:, :, None], warped.unflatten(0, (-1, entries))], dim=2).flatten(1, 2)

        prediction = self.hourglass(joined)
        mask = self.mask(prediction).softmax(dim=1)
        deformation = (mask[..., None] * motions).sum(dim=1)
        return DenseMotion(mask, deformation, torch.sigmoid(self.occlusion(prediction.flatten(1, 2))))


class WarpingNetwork(nn.Module):
    """Feature volume (B, 32, 16, 64, 64) and keypoints (B, 21, 3) of source and driving -> Warped.

    Arguments are named as in the published configuration, those of its part "dense_motion_params" with the
    prefix "dense_".
    """

    def __init__(
        self,
        *,
        num_kp: int = 21,
        block_expansion: int = 64,
        max_features: int = 512,
        num_down_blocks: int = 2,
        reshape_channel: int = 32,
        reshape_depth: int = 16,
        dense_block_expansion: int = 32,
        dense_max_features: int = 1024,
        dense_num_blocks: int = 5,
        dense_compress: int = 4,
    ) -> None:
        super().__init__()
        self.dense_motion_network = DenseMotionNetwork(
            num_kp=num_kp,
            reshape_channel=reshape_channel,
            reshape_depth=reshape_depth,
            block_expansion=dense_block_expansion,
            max_features=dense_max_features,
            num_blocks=dense_num_blocks,
            compress=dense_compress,
        )
        out = min(max_features, block_expansion * 2**num_down_blocks)
        self.third = ConvBlock2d(reshape_channel * reshape_depth, out, slope=0.01)
        self.fourth = nn.Conv2d(out, out, 1)

    def forward(self, feature: Tensor, kp_source: Tensor, kp_driving: Tensor) -> Warped:
        motion = self.dense_motion_network(feature, kp_source, kp_driving)
        plane = self.third(sample_volume(feature, motion.deformation).flatten(1, 2))
        out = self.fourth(plane) * motion.occlusion_map
        return Warped(out, motion.occlusion_map, motion.deformation)
