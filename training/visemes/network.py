"""The voice-to-mouth network for training; `engines/preview/network.py` runs the same weights in numpy."""

from __future__ import annotations

import torch
from torch import nn

from engines.preview.features import BANDS
from engines.preview.mouth import CHANNELS
from engines.preview.network import BLOCKS, ENTRY, Layer


class DilatedBlock(nn.Module):
    """A dilated convolution and a mixing of channels, added to what came in."""

    def __init__(self, width: int, layer: Layer) -> None:
        super().__init__()
        self.past = layer.reach - layer.ahead
        self.filter = nn.Conv1d(width, width, layer.taps, dilation=layer.dilation)
        self.mix = nn.Conv1d(width, width, 1)
        # Small at first, so that the stack starts near the identity and needs no normalisation.
        nn.init.normal_(self.mix.weight, std=0.3 / width**0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = torch.relu(self.filter(x))
        return x[:, :, self.past : self.past + inner.shape[2]] + self.mix(inner)


class MouthNetwork(nn.Module):
    """(batch, frames, BANDS) features to (batch, frames - BEHIND - AHEAD, 6) logits."""

    def __init__(self, width: int = 128) -> None:
        super().__init__()
        self.entry = nn.Conv1d(BANDS, width, ENTRY.taps)
        self.blocks = nn.ModuleList(DilatedBlock(width, layer) for layer in BLOCKS)
        self.exit = nn.Conv1d(width, len(CHANNELS), 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.entry(features.transpose(1, 2)))
        for block in self.blocks:
            x = block(x)
        return self.exit(torch.relu(x)).transpose(1, 2)
