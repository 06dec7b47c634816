"""JoyHallo's networks in the sizes of a folder's tiny configuration, or in their real ones, made up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engines.joyhallo.networks.builders import constants, network
from engines.weights import synthesis
from engines.weights.naming import current_name


def read_config(path: Path) -> Mapping[str, Any]:
    """A tiny_config.json."""
    return json.loads(path.read_bytes())


def fill(name: str, sizes: Mapping[str, Any] | None, salt: str) -> dict[str, np.ndarray]:
    """Every tensor of a network by its own key; of real size without `sizes`."""
    rows = network(name, sizes)
    filled = synthesis.fill_network(rows, salt, constants(rows))
    return {current_name(key): value for key, value in filled.items()}
