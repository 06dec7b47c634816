"""Exports one net file of the five networks in its published form, which the engine and the public programs
load.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor

from engines.joyhallo.networks.builders import PARTS
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.checkpoints import NEVER_RUN, canonical, rows_of
from engines.weights.convert import write_safetensors
from engines.weights.naming import older_name
from engines.weights.reading import read_checkpoint
from engines.weights.writing import mark_random, write_whole
from training.joyhallo.networks import TrainedNetworks


def export_net(networks: TrainedNetworks, folder: Path, dtype: torch.dtype, *, public: bool) -> list[Path]:
    """Write `net.safetensors` and, when `public`, the same as `net.pth`. Raises OutputError."""
    tensors = net_tensors(networks, dtype)
    paths = [folder / "net.safetensors"]
    if public:  # first, because it deletes an older converted form
        if networks.random_weights is not None:
            mark_random(tensors, networks.random_weights)
        paths.append(write_whole(folder / "net.pth", lambda path: torch.save(tensors, path)))
    write_safetensors(paths[0], tensors, random_weights=networks.random_weights)
    return paths


def net_tensors(networks: TrainedNetworks, dtype: torch.dtype) -> OrderedDict[str, Tensor]:
    """All 2496 tensors under their published names and in their order.

    The tensors of the motion modules that never run come from the file with which the training began; without
    a file they are zeros.
    """
    have = {
        f"{part}.{key}": value.detach().to("cpu", dtype)
        for part in PARTS
        for key, value in networks.parts[part].state_dict().items()
    }
    before = canonical(weights.NET, read_checkpoint(networks.source).tensors) if networks.source else {}
    tiny = networks.random_weights is not None and networks.random_weights["size"] == "tiny"
    rows = rows_of(weights.NET, networks.variant, networks.sizes if tiny else None)
    made: OrderedDict[str, Tensor] = OrderedDict()
    for row in rows.rows:
        if row.name in have:
            value = have[row.name]
        elif row.name in before:
            value = before[row.name].to(dtype)
        else:
            assert NEVER_RUN.match(row.name), row.name
            value = torch.zeros(row.shape, dtype=dtype)
        made[older_name(row.name)] = value.contiguous()
    return made
