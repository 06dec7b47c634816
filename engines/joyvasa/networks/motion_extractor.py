"""M, the motion extractor: turns a portrait into head pose, expression and canonical keypoints.

The backbone is ConvNeXt V2 (tiny): layer norms of epsilon 1e-6, exact GELU, global response normalisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from torch import Tensor, addcmul, nn, ones, zeros
from torch.nn import functional

NORM_EPSILON = 1e-6
POSE_BINS = 66


class MotionLogits(NamedTuple):
    """The raw heads, float. Angles are logits of 66 bins; `exp` and `kp` hold x, y, z of each point."""

    pitch: Tensor  # (B, 66)
    yaw: Tensor  # (B, 66)
    roll: Tensor  # (B, 66)
    t: Tensor  # (B, 3)
    exp: Tensor  # (B, 3 * num_kp)
    scale: Tensor  # (B, 1)
    kp: Tensor  # (B, 3 * num_kp)


class ChannelNorm(nn.Module):
    """Layer norm over the channels of (B, C, H, W): biased variance, epsilon 1e-6."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(ones(channels))
        self.bias = nn.Parameter(zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, NORM_EPSILON).movedim(
            -1, 1
        )


class GlobalResponseNorm(nn.Module):
    """gamma * x * n + beta + x on (B, H, W, C).

    n is a channel's L2 norm over the image, divided by the mean of all channels' norms.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(zeros(1, 1, 1, channels))
        self.beta = nn.Parameter(zeros(1, 1, 1, channels))

    def forward(self, x: Tensor) -> Tensor:
        norm = x.flatten(1, 2).square().sum(1).sqrt()[:, None, None]
        share = norm / (norm.mean(dim=-1, keepdim=True) + NORM_EPSILON)
        # gamma * x * n + x in one pass: the arrays are large, and reading them takes half of the time
        return addcmul(self.beta, x, 1 + self.gamma * share)


class ConvNextBlock(nn.Module):
    """Depthwise 7x7, layer norm, four times wider and back, added to the input (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=NORM_EPSILON)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.grn = GlobalResponseNorm(4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.dwconv(x).movedim(1, -1))
        return x + self.pwconv2(self.grn(functional.gelu(self.pwconv1(y)))).movedim(-1, 1)


class MotionDetector(nn.Module):
    """The backbone with its seven linear heads."""

    def __init__(self, num_kp: int, depths: Sequence[int], dims: Sequence[int]) -> None:
        super().__init__()
        self.downsample_layers = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(3, dims[0], 4, 4), ChannelNorm(dims[0]))]
        )
        for narrow, wide in pairwise(dims):
            self.downsample_layers.append(nn.Sequential(ChannelNorm(narrow), nn.Conv2d(narrow, wide, 2, 2)))
        self.stages = nn.ModuleList(
            nn.Sequential(*(ConvNextBlock(dim) for _ in range(depth)))
            for depth, dim in zip(depths, dims, strict=True)
        )
        self.norm = nn.LayerNorm(dims[-1], eps=NORM_EPSILON)
        for head, size in zip(
            MotionLogits._fields, (*[POSE_BINS] * 3, 3, 3 * num_kp, 1, 3 * num_kp), strict=True
        ):
            self.add_module(f"fc_{head}", nn.Linear(dims[-1], size))

    def forward(self, x: Tensor) -> MotionLogits:
        for down, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(down(x))
        x = self.norm(x.mean(dim=(2, 3)))
        return MotionLogits(*(self.get_submodule(f"fc_{head}")(x) for head in MotionLogits._fields))


class MotionExtractor(nn.Module):
    """Picture (B, 3, 256, 256), RGB in 0..1 -> Motion. Other sizes work if divisible by 32."""

    def __init__(
        self,
        *,
        num_kp: int = 21,
        depths: Sequence[int] = (3, 3, 9, 3),
        dims: Sequence[int] = (96, 192, 384, 768),
    ) -> None:
        super().__init__()
        self.detector = MotionDetector(num_kp, depths, dims)

    def forward(self, image: Tensor) -> MotionLogits:
        return self.detector(image)
