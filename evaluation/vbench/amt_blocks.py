"""The building blocks of AMT-S."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from evaluation.vbench.correlation import warped

SLOPE = 0.1
"""Slope below zero in the update blocks."""


def resized(x: Tensor, factor: float) -> Tensor:
    """Bilinear, corners not aligned."""
    return functional.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


def conv(inside: int, outside: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size except for its stride."""
    return nn.Conv2d(inside, outside, kernel, stride, kernel // 2)


def conv_prelu(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    """A convolution with a slope per channel."""
    return nn.Sequential(conv(inside, outside, stride=stride), nn.PReLU(outside))


class Bottleneck(nn.Module):
    """Narrow, convolve, widen, and add."""

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        narrow = outside // 4
        self.conv1 = conv(inside, narrow, 1)
        self.conv2 = conv(narrow, narrow, 3, stride)
        self.conv3 = conv(narrow, outside, 1)
        self.norm1, self.norm2, self.norm3 = (nn.InstanceNorm2d(n) for n in (narrow, narrow, outside))
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(conv(inside, outside, 1, stride), nn.InstanceNorm2d(outside))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        y = functional.relu(self.norm2(self.conv2(y)))
        y = functional.relu(self.norm3(self.conv3(y)))
        return functional.relu((x if self.downsample is None else self.downsample(x)) + y)


class FeatureEncoder(nn.Module):
    """(B, 84, H/8, W/8) features of a frame, to be correlated."""

    def __init__(self, outside: int = 84, widths: Sequence[int] = (32, 64, 96)) -> None:
        super().__init__()
        a, b, c = widths
        self.conv1 = conv(3, a, 7, 2)
        self.norm1 = nn.InstanceNorm2d(a)
        self.layer1 = nn.Sequential(Bottleneck(a, a, 1), Bottleneck(a, a, 1))
        self.layer2 = nn.Sequential(Bottleneck(a, b, 2), Bottleneck(b, b, 1))
        self.layer3 = nn.Sequential(Bottleneck(b, c, 2), Bottleneck(c, c, 1))
        self.conv2 = conv(c, outside, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.norm1(self.conv1(x)))
        return self.conv2(self.layer3(self.layer2(self.layer1(x))))


class FeaturePyramid(nn.Module):
    """Four maps of a frame, each half as large as the one before."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        before = (3, *channels[:-1])
        levels = [
            nn.Sequential(conv_prelu(i, o, 2), conv_prelu(o, o))
            for i, o in zip(before, channels, strict=True)
        ]
        self.pyramid1, self.pyramid2, self.pyramid3, self.pyramid4 = levels

    def forward(self, x: Tensor) -> list[Tensor]:
        found = []
        for level in (self.pyramid1, self.pyramid2, self.pyramid3, self.pyramid4):
            x = level(x)
            found.append(x)
        return found


class SideBlock(nn.Module):
    """A residual block that processes its last `side` channels twice."""

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.conv1 = conv_prelu(channels, channels)
        self.conv2 = conv_prelu(side, side)
        self.conv3 = conv_prelu(channels, channels)
        self.conv4 = conv_prelu(side, side)
        self.conv5 = conv(channels, channels)
        self.prelu = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for whole, part in ((self.conv1, self.conv2), (self.conv3, self.conv4)):
            y = whole(y)
            y = torch.cat([y[:, : -self.side], part(y[:, -self.side :])], dim=1)
        return self.prelu(x + self.conv5(y))


class FlowDecoder(nn.Module):
    """Doubles the size: from maps of one level to the flows and the features of the next finer one."""

    def __init__(self, inside: int, wide: int, outside: int, side: int) -> None:
        super().__init__()
        self.convblock = nn.Sequential(
            conv_prelu(inside, wide), SideBlock(wide, side), nn.ConvTranspose2d(wide, outside, 4, 2, 1)
        )

    def first(self, one: Tensor, two: Tensor, moment: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Flows to both frames and features, from their coarsest maps and the moment between them."""
        moment = moment.expand(len(one), 1, *one.shape[2:])
        found = self.convblock(torch.cat([one, two, moment], dim=1))
        return found[:, :2], found[:, 2:4], found[:, 4:]

    def finer(
        self, features: Tensor, one: Tensor, two: Tensor, flows: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The same from the features and flows of the coarser level; flows are double and a correction."""
        found = self.convblock(self.inputs(features, one, two, flows))
        doubled = [2 * resized(flow, 2) for flow in flows]
        return found[:, :2] + doubled[0], found[:, 2:4] + doubled[1], found[:, 4:]

    def last(
        self, features: Tensor, one: Tensor, two: Tensor, flows: tuple[Tensor, Tensor], count: int
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """`count` flows each way, how much of the first frame each takes, and what is added."""
        found = self.convblock(self.inputs(features, one, two, flows))
        to_one, to_two, share, rest = found.split([2 * count, 2 * count, count, 3 * count], dim=1)
        doubled = [2 * resized(flow, 2).repeat(1, count, 1, 1) for flow in flows]
        return to_one + doubled[0], to_two + doubled[1], torch.sigmoid(share), rest

    @staticmethod
    def inputs(features: Tensor, one: Tensor, two: Tensor, flows: tuple[Tensor, Tensor]) -> Tensor:
        return torch.cat([features, warped(one, flows[0]), warped(two, flows[1]), *flows], dim=1)


class Update(nn.Module):
    """Corrects flows and features by the correlation around their targets.

    factor: by how much finer than the correlation's cells (of 8 pixels) the features are.
    """

    def __init__(self, features: int, factor: int, looked_up: int, hidden: int = 76) -> None:
        super().__init__()
        self.factor = factor
        self.convc1 = conv(looked_up, 64, 1)
        self.convf1 = conv(4, 40, 7)
        self.convf2 = conv(40, 20)
        self.conv = conv(84, 68)
        self.gru = _two(72 + features, hidden, hidden)
        self.feat_head = _two(hidden, hidden, features)
        self.flow_head = _two(hidden, hidden, 4)

    def forward(self, features: Tensor, flow: Tensor, looked_up: Tensor) -> tuple[Tensor, Tensor]:
        """Corrections of (B, C, H, W) features and of both flows, (B, 4, H, W), in the features' size."""
        if self.factor != 1:
            features = resized(features, 1 / self.factor)
        seen = _bent(self.convc1(looked_up))
        moved = _bent(self.convf2(_bent(self.convf1(flow))))
        both = _bent(self.conv(torch.cat([seen, moved], dim=1)))
        state = self.gru(torch.cat([both, flow, features], dim=1))
        change, move = self.feat_head(state), self.flow_head(state)
        if self.factor != 1:
            change, move = resized(change, self.factor), self.factor * resized(move, self.factor)
        return change, move


def _bent(x: Tensor) -> Tensor:
    return functional.leaky_relu(x, SLOPE)


def _two(inside: int, between: int, outside: int) -> nn.Sequential:
    return nn.Sequential(conv(inside, between), nn.LeakyReLU(SLOPE), conv(between, outside))
