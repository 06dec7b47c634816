"""AMT-S: the frame in the middle of two others, by flows that a correlation of all pairs corrects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from evaluation.vbench.amt_blocks import FeatureEncoder, FeaturePyramid, FlowDecoder, Update, conv, resized
from evaluation.vbench.correlation import BothWays, grid_of, warped

RADIUS, LEVELS = 3, 4
FLOWS = 3
CELL = 8
"""Pixels per cell of the correlation."""
MULTIPLE = 16
"""Sides have to be multiples of this."""
SMALLEST = CELL * 2**LEVELS
"""Pixels of the shorter side: below, the coarsest correlation has one cell, and that gives NaN."""


@dataclass(frozen=True, eq=False)
class Between:
    """A frame and how it came about.

    frame: (B, 3, H, W) in 0..1. flows: from fine to coarse, to the first and to the second frame; of the
    finest there are three, (B, 3, 2, H, W). features: from fine to coarse.
    """

    frame: Tensor
    flows: tuple[list[Tensor], list[Tensor]]
    features: list[Tensor]


class AmtS(nn.Module):
    """Its keys are those of amt-s.pth."""

    def __init__(self, channels: Sequence[int] = (20, 32, 44, 56), side: int = 20) -> None:
        super().__init__()
        a, b, c, d = channels
        self.feat_encoder = FeatureEncoder()
        self.encoder = FeaturePyramid(channels)
        self.decoder4 = FlowDecoder(2 * d + 1, 2 * d, c + 4, side)
        self.decoder3 = FlowDecoder(3 * c + 4, 3 * c, b + 4, side)
        self.decoder2 = FlowDecoder(3 * b + 4, 3 * b, a + 4, side)
        self.decoder1 = FlowDecoder(3 * a + 4, 3 * a, 8 * FLOWS, side)
        looked_up = 2 * LEVELS * (2 * RADIUS + 1) ** 2
        self.update4 = Update(c, 1, looked_up)
        self.update3 = Update(b, 2, looked_up)
        self.update2 = Update(a, 4, looked_up)
        self.comb_block = nn.Sequential(conv(3 * FLOWS, 6 * FLOWS), nn.PReLU(6 * FLOWS), conv(6 * FLOWS, 3))

    def forward(self, first: Tensor, second: Tensor, moment: float = 0.5) -> Between:
        """The frame at `moment` (between 0 and 1) of two (B, 3, H, W) in 0..1.

        H and W are multiples of 16, and 128 at least.
        """
        mean = torch.cat([first, second], dim=2).mean(dim=(1, 2, 3), keepdim=True)
        first, second = first - mean, second - mean
        seen, other = self.feat_encoder(torch.cat([first, second])).chunk(2)
        correlation = BothWays(seen, other, LEVELS, RADIUS)
        one, two = self.encoder(first), self.encoder(second)
        cells = grid_of(len(first), seen.shape[2], seen.shape[3], first.device)
        time = torch.full((1, 1, 1, 1), moment, dtype=first.dtype, device=first.device)
        flow_one, flow_two, features = self.decoder4.first(one[3], two[3], time)
        all_flows: tuple[list[Tensor], list[Tensor]] = ([], [])
        all_features: list[Tensor] = []
        finer = (None, self.decoder3, self.decoder2)
        for step, update in enumerate((self.update4, self.update3, self.update2)):
            decoder = finer[step]
            if decoder is not None:
                level = 3 - step
                flow_one, flow_two, features = decoder.finer(
                    features, one[level], two[level], (flow_one, flow_two)
                )
            coarse = [flow if update.factor == 1 else resized(flow, 1 / update.factor) / update.factor
                      for flow in (flow_one, flow_two)]  # fmt: skip
            # What lies at t = 0 as seen from t = 1 is assumed to lie on a straight line.
            looked_up = correlation.around(cells + coarse[1] / moment, cells + coarse[0] / (1 - moment))
            change, move = update(features, torch.cat(coarse, dim=1), looked_up)
            features = features + change
            flow_one, flow_two = flow_one + move[:, :2], flow_two + move[:, 2:]
            all_flows[0].insert(0, flow_one)
            all_flows[1].insert(0, flow_two)
            all_features.insert(0, features)
        to_one, to_two, share, rest = self.decoder1.last(
            features, one[0], two[0], (flow_one, flow_two), FLOWS
        )
        for flows, found in zip(all_flows, (to_one, to_two), strict=True):
            flows.insert(0, found.unflatten(1, (FLOWS, 2)))
        frame = self._merged(first, second, (to_one, to_two), share, rest, mean)
        return Between(frame, all_flows, all_features)

    def _merged(
        self,
        first: Tensor,
        second: Tensor,
        flows: tuple[Tensor, Tensor],
        share: Tensor,
        rest: Tensor,
        mean: Tensor,
    ) -> Tensor:
        """The mean of three warps of both frames, corrected by a last convolution."""
        batch = len(first)
        frames = [
            warped(frame.repeat_interleave(FLOWS, dim=0), flow.reshape(batch * FLOWS, 2, *flow.shape[2:]))
            for frame, flow in zip((first, second), flows, strict=True)
        ]
        share = share.reshape(batch * FLOWS, 1, *share.shape[2:])
        merged = share * frames[0] + (1 - share) * frames[1]
        merged = merged.reshape(batch, FLOWS, 3, *first.shape[2:]) + mean[:, None]
        merged = merged + rest.unflatten(1, (FLOWS, 3))
        return (merged.mean(dim=1) + self.comb_block(merged.flatten(1, 2))).clamp(0, 1)
