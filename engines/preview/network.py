"""The voice-to-mouth network at inference: dilated convolutions over time, in numpy.

Its twin for training is `training/visemes/network.py`; the layout below is read by both.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.numpy import load_file


class Layer(NamedTuple):
    """A convolution of `taps` taps, `dilation` frames apart, that ends `ahead` frames in the future."""

    taps: int
    dilation: int
    ahead: int

    @property
    def reach(self) -> int:
        """Frames that the layer takes off its input's length."""
        return (self.taps - 1) * self.dilation


ENTRY = Layer(taps=5, dilation=1, ahead=2)
BLOCKS = (
    Layer(taps=3, dilation=1, ahead=1),
    Layer(taps=3, dilation=2, ahead=2),
    Layer(taps=3, dilation=4, ahead=4),
    Layer(taps=3, dilation=8, ahead=0),
    Layer(taps=3, dilation=16, ahead=0),
    Layer(taps=3, dilation=4, ahead=0),
)
AHEAD = ENTRY.ahead + sum(block.ahead for block in BLOCKS)
BEHIND = ENTRY.reach + sum(block.reach for block in BLOCKS) - AHEAD
"""Output frame t is computed from the feature frames t - BEHIND .. t + AHEAD."""


class Network:
    """Weights of the network and its forward pass."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        """weights: as stored in visemes.safetensors. Raises KeyError when a tensor is missing."""
        self._entry = _taps(weights["entry.weight"]), weights["entry.bias"]
        self._blocks = [
            (
                _taps(weights[f"blocks.{i}.filter.weight"]),
                weights[f"blocks.{i}.filter.bias"],
                np.ascontiguousarray(weights[f"blocks.{i}.mix.weight"][:, :, 0].T),
                weights[f"blocks.{i}.mix.bias"],
            )
            for i in range(len(BLOCKS))
        ]
        self._exit = np.ascontiguousarray(weights["exit.weight"][:, :, 0].T), weights["exit.bias"]

    @classmethod
    def read(cls, path: Path) -> Network:
        """Read a safetensors file. Raises FileNotFoundError when it is not there."""
        return cls({name: tensor.astype(np.float32) for name, tensor in load_file(path).items()})

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """features: (n, BANDS) float32. Returns (n - BEHIND - AHEAD, 6) float32, 0..1."""
        x = np.maximum(_convolve(features, *self._entry, ENTRY), 0.0)
        for layer, (taps, bias, mix, mix_bias) in zip(BLOCKS, self._blocks, strict=True):
            inner = np.maximum(_convolve(x, taps, bias, layer), 0.0)
            past = layer.reach - layer.ahead
            x = x[past : past + len(inner)] + (inner @ mix + mix_bias)
        weight, bias = self._exit
        return 1.0 / (1.0 + np.exp(-np.clip(np.maximum(x, 0.0) @ weight + bias, -30.0, 30.0)))


def _taps(weight: np.ndarray) -> np.ndarray:
    """(out, in, taps) as torch stores it, to (taps, in, out) for ``rows @ tap``."""
    return np.ascontiguousarray(weight.transpose(2, 1, 0))


def _convolve(x: np.ndarray, taps: np.ndarray, bias: np.ndarray, layer: Layer) -> np.ndarray:
    length = len(x) - layer.reach
    result = x[:length] @ taps[0]
    for tap in range(1, layer.taps):
        offset = tap * layer.dilation
        result += x[offset : offset + length] @ taps[tap]
    result += bias
    return result
