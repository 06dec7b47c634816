from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.live.socket import LiveHost
from studio.settings import Settings
from tests.studio.live.talker import Talk


@pytest.fixture(autouse=True)
def talk(talk: Talk) -> Talk:
    """The engine `talker`, for all tests here."""
    return talk


@pytest.fixture
def host() -> Iterator[LiveHost]:
    host = LiveHost(
        Settings(live_sessions=2, live_sessions_per_visitor=1, live_sessions_per_address=1, max_upload_mb=1)
    )
    yield host
    assert host.places.taken == 0
    host.close()
