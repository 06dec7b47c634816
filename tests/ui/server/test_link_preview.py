"""What a messenger reads in the HTML of the page and of a shared link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from studio.gallery.history import History
from studio.gallery.sharing import revoke, share
from studio.gallery.videos import Gallery
from studio.settings import Settings
from tests.studio.test_history import make_result
from tests.ui.server.serving import serving
from ui.components.share_row import reach_of

OWNER = "o:someone"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(port=0, outputs=tmp_path)


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with serving(settings) as url:
        yield url


def tags(answer: httpx.Response) -> dict[str, str]:
    return dict(re.findall(r'<meta (?:property|name)="([^"]*)" content="([^"]*)">', answer.text))


def test_the_page_is_called_by_its_own_name(url: str) -> None:
    answer = httpx.get(url)
    assert answer.status_code == 200
    assert tags(answer)["og:title"] == "JoyStudio"
    assert "header-image.jpg" not in answer.text
    assert answer.text.index("charset=") < 1024


def test_a_link_shows_its_video_until_it_is_revoked(url: str, settings: Settings, tmp_path: Path) -> None:
    video = tmp_path / "a.mp4"
    video.write_bytes(b"a video")
    result = make_result("a1b2c3", video)
    History(settings.history).record(result, OWNER)
    gallery = Gallery(OWNER, settings)
    link = f"{url}?run={share(gallery, result.job_id)}"
    answer = httpx.get(link)
    found = tags(answer)
    assert answer.status_code == 200
    assert found["og:url"] == link
    assert found["og:video"].startswith(f"{url}joystudio/shared/")
    assert httpx.head(found["og:video"]).headers["content-type"] == "video/mp4"
    assert [found["og:video:width"], found["og:video:height"]] == [str(side) for side in result.size]
    revoke(gallery, result.job_id)
    answer = httpx.get(link)
    assert answer.status_code == 404
    assert tags(answer) == {"robots": "noindex"}
    assert "<gradio-app" in answer.text  # the page, which says it in words


@pytest.mark.parametrize("token", ["x", "../..", '"><script>alert(1)</script>', "a" * 5000])
def test_invalid_links_are_404(url: str, token: str) -> None:
    answer = httpx.get(url, params={"run": token})
    assert answer.status_code == 404
    assert "alert(1)" not in answer.text.split("</title>")[0]


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("http://127.0.0.1:7860/", "this computer only"),
        ("http://localhost:7860/", "this computer only"),
        ("http://[::1]:7860/", "this computer only"),
        ("http://192.168.1.20:7860/", "your own network only"),
        ("http://studio.local/", "your own network only"),
        ("https://someone-joystudio.hf.space/", ""),
        ("https://93.184.216.34/", ""),
    ],
)
def test_a_link_says_who_cannot_open_it(address: str, reach: str) -> None:
    assert reach in reach_of(address)
    assert bool(reach_of(address)) == bool(reach)
