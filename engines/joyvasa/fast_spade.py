"""G, rearranged to do less."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engines.joyvasa.spade import SpadeGenerator


class FastGenerator(nn.Module):
    """The generator with folded weights."""

    def __init__(self, plain: SpadeGenerator, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.plain = plain
        self.dtype = dtype

    def forward(self, feature: Tensor) -> Tensor:
        """Warped features (B, 256, 64, 64) -> picture (B, 3, 512, 512) in 0..1."""
        with torch.autocast(feature.device.type, self.dtype, enabled=self.dtype != torch.float32):
            return self.plain(feature).float()
