"""Writes a set of random weights for the metrics, so that the whole program runs without a download.

Scores with random weights mean nothing, and every score says so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from engines.weights.catalogue import WeightFolder
from engines.weights.synthesis import SALT, fill_network
from engines.weights.weight_set import Size
from engines.weights.writing import mark_random, spare_published, write_whole
from evaluation.weights import catalogue
from evaluation.weights.networks import config_of, network


def synthesize(folder: WeightFolder, size: Size = "full", salt: str = SALT) -> Iterator[Path]:
    """Write every network's file but Q-Align's, one by one.

    Raises OutputError if a file cannot be written, or before it would overwrite a file without random
    weights.
    """
    written = [file for file in catalogue.FILES if file.network]
    spare_published(folder, written)
    for file in written:
        yield write_whole(folder.target(file), partial(_save, contents(str(file.network), size, salt)))


def contents(name: str, size: Size = "full", salt: str = SALT) -> OrderedDict[str, Any]:
    """The value for torch.save of a network: the published file's containers and names."""
    import torch

    config = config_of(name, size)
    filled = fill_network(network(name, config), salt)
    tensors = OrderedDict((key, torch.from_numpy(value)) for key, value in filled.items())
    content: OrderedDict[str, Any] = OrderedDict(state_dict=tensors) if name == "amt_s" else tensors
    mark_random(content, {"network": name, "salt": salt, "size": size, "config": config})
    return content


def _save(content: Mapping[str, Any], path: Path) -> None:
    import torch

    torch.save(content, path)
