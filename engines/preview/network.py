"""The voice-to-mouth network at inference: dilated convolutions over time, in numpy.

Its twin for training is `training/visemes/network.py`; the layouts below are read by both.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors.numpy import load_file

from engines.preview.row_blocks import Factor, RowPlaces


class Layer(NamedTuple):
    """A convolution of `taps` taps, `dilation` frames apart, that ends `ahead` frames in the future."""

    taps: int
    dilation: int
    ahead: int

    @property
    def reach(self) -> int:
        """Frames that the layer takes off its input's length."""
        return (self.taps - 1) * self.dilation


Layout = tuple[Layer, ...]
"""The entry and the blocks after it."""


def layout(ahead: Sequence[int]) -> Layout:
    """The network's layers, each looking that many frames ahead; taps and dilations are always the same.

    Raises ValueError for another number of layers, or a look-ahead beyond a layer's reach.
    """
    if len(ahead) != len(_SHAPES):
        raise ValueError(f"the network has {len(_SHAPES)} layers, not {len(ahead)}")
    layers = tuple(Layer(taps, dilation, int(a)) for (taps, dilation), a in zip(_SHAPES, ahead, strict=True))
    for layer in layers:
        if not 0 <= layer.ahead <= layer.reach:
            raise ValueError(f"a layer that reaches {layer.reach} frames cannot look {layer.ahead} ahead")
    return layers


_SHAPES = ((5, 1), (3, 1), (3, 2), (3, 4), (3, 8), (3, 16), (3, 4))
"""Taps and dilation of each layer."""

UNWRITTEN = layout((2, 1, 2, 4, 0, 0, 0))
"""90 ms ahead: the layout of a file that does not name one."""
LONG = layout((2, 1, 2, 4, 8, 0, 4))
"""210 ms ahead: for complete recordings."""
SHORT = layout((2, 1, 1, 2, 0, 0, 0))
"""60 ms ahead: for a voice that is still being recorded."""


def span(layers: Layout) -> tuple[int, int]:
    """Output frame t is computed from the feature frames t - behind .. t + ahead; returns both."""
    ahead = sum(layer.ahead for layer in layers)
    return sum(layer.reach for layer in layers) - ahead, ahead


LAYOUT = "layout"
"""Name of the tensor that holds how far each layer looks ahead."""

CLOSURE, LIP_TEETH = 1, 4
"""The columns that exclude each other: lips cannot be pressed together while the lower one is at
the teeth.
"""


class Network:
    """Weights of the network and its forward pass."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        """weights: as stored in visemes.safetensors.

        Raises KeyError if a tensor is missing, and ValueError for an impossible layout.
        """
        # Files that name their layout were trained with exclusive contacts; older files were not.
        self._exclusive = LAYOUT in weights
        self.layers = layout(weights[LAYOUT].tolist()) if self._exclusive else UNWRITTEN
        self.behind, self.ahead = span(self.layers)
        self._entry = _taps(weights["entry.weight"]), weights["entry.bias"]
        self._blocks = [
            (
                (_taps(weights[f"blocks.{i}.filter.weight"]), weights[f"blocks.{i}.filter.bias"]),
                (Factor(weights[f"blocks.{i}.mix.weight"][:, :, 0].T), weights[f"blocks.{i}.mix.bias"]),
            )
            for i in range(len(self.layers) - 1)
        ]
        self._exit = Factor(weights["exit.weight"][:, :, 0].T), weights["exit.bias"]

    @classmethod
    def read(cls, path: Path) -> Network:
        """Read a safetensors file. Raises FileNotFoundError if it does not exist."""
        return cls({name: tensor.astype(np.float32) for name, tensor in load_file(path).items()})

    def __call__(self, features: np.ndarray, first: int = 0) -> np.ndarray:
        """features: (n, BANDS) float32. Returns (n - behind - ahead, channels) float32, 0..1.

        first: the index in time of the first feature frame. With it, a row is the same bit for bit, whichever
        rows are computed with it.
        """
        x, at = features, first
        for number, layer in enumerate(self.layers):
            at += layer.reach - layer.ahead
            x = self.layer(number, x, at)
        return self.values(x, at)

    def layer(self, number: int, x: np.ndarray, at: int) -> np.ndarray:
        """One layer. x: (n, channels), and at: the index in time of the first row that it returns.

        Returns (n - reach, width) float32.
        """
        layer = self.layers[number]
        grid = RowPlaces(at, len(x) - layer.reach)
        convolution = self._entry if number == 0 else self._blocks[number - 1][0]
        inner = _convolve(grid, x, *convolution, layer)
        if number == 0:
            return inner[grid.rows]
        mix, bias = self._blocks[number - 1][1]
        result = mix.product(inner)[grid.rows]
        result += bias
        past = layer.reach - layer.ahead
        result += x[past : past + len(result)]
        return result

    def values(self, x: np.ndarray, at: int) -> np.ndarray:
        """The channels, 0..1, of the last layer's rows from index `at` on."""
        weight, bias = self._exit
        grid = RowPlaces(at, len(x))
        products = weight.product(grid.padded(np.maximum(x, 0.0)))[grid.rows]
        odds = np.exp(np.clip(products + bias, -30.0, 30.0))
        values = odds / (1.0 + odds)
        if self._exclusive:  # softmax over open (whose odds are 1), closed and lip at the teeth
            contacts = odds[:, (CLOSURE, LIP_TEETH)]
            values[:, (CLOSURE, LIP_TEETH)] = contacts / (1.0 + contacts.sum(axis=1, keepdims=True))
        return values


def _taps(weight: np.ndarray) -> list[Factor]:
    """(out, in, taps) as torch stores it, to one factor of the rows for every tap."""
    return [Factor(weight[:, :, tap].T) for tap in range(weight.shape[2])]


def _convolve(
    grid: RowPlaces, x: np.ndarray, taps: list[Factor], bias: np.ndarray, layer: Layer
) -> np.ndarray:
    """The layer's convolution and rectifier, (grid.size, width): the grid's rows and, around them, others."""
    seen = grid.padded(x)
    result = taps[0].product(seen[: grid.size])
    for tap, factor in enumerate(taps[1:], 1):
        offset = tap * layer.dilation
        result += factor.product(seen[offset : offset + grid.size])
    result += bias
    return np.maximum(result, 0.0, out=result)
