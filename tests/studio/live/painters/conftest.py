from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.live import LivePlaces
from studio.settings import Settings


@pytest.fixture(scope="session")
def places() -> Iterator[LivePlaces]:
    """A server with one process that paints."""
    places = LivePlaces(Settings(live_sessions=8, live_painters=1))
    yield places
    places.close()
