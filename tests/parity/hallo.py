"""JoyHallo's networks in the sizes of a folder's tiny configuration, or in their real ones, made up."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from engines.joyhallo.manifest import manifest
from engines.weights import synthesis
from engines.weights.manifest import Network, derive

Size = Literal["tiny", "full"]

LISTS = ("manifest_tiny.json", "manifest_tiny_hallo_extra.json")
WEIGHT_NORM = {
    "conv.weight_g": "conv.parametrizations.weight.original0",
    "conv.weight_v": "conv.parametrizations.weight.original1",
}


def read_config(path: Path) -> Mapping[str, Any]:
    """A tiny_config.json."""
    return json.loads(path.read_bytes())


def fill(name: str, folder: Path | None, salt: str) -> dict[str, np.ndarray]:
    """Every tensor of a network by its own key; tiny as listed in `folder`, or of real size."""
    network = manifest()[name] if folder is None else tiny(name, folder)
    filled = synthesis.fill_network(network, salt, constants(network))
    return {_current(key): value for key, value in filled.items()}


def tiny(name: str, folder: Path) -> Network:
    """The rows of a network in the sizes that a folder lists."""
    full = manifest()[name]
    shapes = {
        key.removeprefix(full.prefix): (tuple(shape), dtype)
        for key, shape, dtype in _listed(folder)
        if key.startswith(full.prefix)
    }
    known = full.shapes
    return derive(full, {key: shape for key, shape in shapes.items() if key in known}, {})


def constants(network: Network) -> dict[str, np.ndarray]:
    """The position codes: sine and cosine in turn, (1, 32, width) float32 (FACTS 3.5)."""
    return {row.name: _positions(*row.shape[1:])[None] for row in network.rows if row.rule == "keep"}


def _positions(length: int, width: int) -> np.ndarray:
    speed = np.exp(np.arange(0, width, 2, dtype=np.float32) * np.float32(-np.log(10000.0) / width))
    angle = np.arange(length, dtype=np.float32)[:, None] * speed
    return np.stack([np.sin(angle), np.cos(angle)], -1).reshape(length, width)


def _listed(folder: Path) -> list[tuple[str, list[int], str]]:
    rows = []
    for name in LISTS:
        plain, packed = folder / name, folder / f"{name}.gz"
        content = json.loads(plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes()))
        for part in ("net", "vae", "wav2vec", "hallo_extra"):
            rows += content.get(part, [])
    return rows


def _current(key: str) -> str:
    for old, new in WEIGHT_NORM.items():
        if key.endswith(old):
            return key.removesuffix(old) + new
    return key
