"""One opened portrait for all tests of the preview engine: opening it costs more than the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.preview.renderer import Renderer
from engines.preview.rigging import rig_of
from media.portrait import Portrait, open_portrait

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"


@pytest.fixture(scope="session")
def astronaut() -> Portrait:
    """A smiling woman, teeth visible, the face a fifth of the picture."""
    return open_portrait(PORTRAITS / "astronaut.png")


@pytest.fixture(scope="session")
def renderer(astronaut: Portrait) -> Renderer:
    return Renderer(astronaut.image, rig_of(astronaut))


@pytest.fixture(scope="session")
def noise() -> np.ndarray:
    """(400, 400, 3) uint8 without any structure."""
    return np.random.default_rng(0).integers(0, 256, (400, 400, 3), dtype=np.uint8)
