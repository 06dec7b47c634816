"""The small multi-layer perceptron of X-Pose's projections and heads, and the wide one of its layers."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

PIECE = 4096
"""Tokens that a wide layer takes at once, so that what lies between its two maps stays in reused memory."""


class Perceptron(nn.Module):
    """Linear layers with a ReLU between them, none after the last. Keys: `layers.<i>.weight|bias`."""

    def __init__(self, inputs: int, hidden: int, outputs: int, layers: int) -> None:
        super().__init__()
        widths = [inputs, *[hidden] * (layers - 1), outputs]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(..., inputs) to (..., outputs)."""
        for layer in self.layers[:-1]:
            x = layer(x).relu_()
        return self.layers[-1](x)


def feed_forward(x: torch.Tensor, first: nn.Linear, second: nn.Linear) -> torch.Tensor:
    """second(relu(first(x))) for tokens (B, N, C), a few thousand at a time."""
    pieces = [second(functional.relu(first(piece), inplace=True)) for piece in x.split(PIECE, dim=1)]
    return torch.cat(pieces, dim=1) if len(pieces) > 1 else pieces[0]
