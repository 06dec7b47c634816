"""A browser with a live session is not told that the server answers again; everybody else is."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.ui.server.serving import serving

QUESTION = "gradio_api/app_id"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.mark.parametrize(
    ("cookie", "status"),
    [("joystudio-live=1", 503), ("a=b; joystudio-live=1", 503), ("a=b", 200), ("=;,", 200)],
)
def test_only_a_browser_with_a_live_session_waits(url: str, cookie: str, status: int) -> None:
    assert httpx.get(url + QUESTION, headers={"cookie": cookie}).status_code == status


def test_its_other_requests_are_answered(url: str) -> None:
    assert httpx.get(url, headers={"cookie": "joystudio-live=1"}).status_code == 200
