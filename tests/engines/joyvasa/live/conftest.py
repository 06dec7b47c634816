"""JoyVASA's networks with small random weights, and a portrait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engines.joyvasa.weights.catalogue import folder
from engines.joyvasa.weights.model_registry import JoyVasaNetworks
from engines.joyvasa.weights.random_weights import synthesize
from media.portrait import Portrait, open_portrait

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"


@pytest.fixture(scope="package")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the weights."""
    root = tmp_path_factory.mktemp("weights")
    assert list(synthesize(folder(root), "tiny"))
    return root


@pytest.fixture(scope="package")
def networks(weights: Path) -> Iterator[JoyVasaNetworks]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield JoyVasaNetworks("cpu", folder(weights))
    torch.set_num_threads(threads)


@pytest.fixture(scope="package")
def astronaut() -> Portrait:
    return open_portrait(EXAMPLES / "portraits" / "astronaut.png")
