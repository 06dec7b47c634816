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
from ui.components.share_panel import Shareable, panel_html, reach_of
from ui.element_ids import ElementIds

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
    assert found["og:image"].startswith(f"{url}joystudio/shared/")
    assert found["og:image"].endswith(".jpg")
    assert [found["og:video:width"], found["og:video:height"]] == [str(side) for side in result.size]
    revoke(gallery, result.job_id)
    answer = httpx.get(link)
    assert answer.status_code == 404
    assert tags(answer) == {"robots": "noindex"}
    assert "<gradio-app" in answer.text  # the page, which says it in words


def test_a_head_request_is_answered_without_writing_the_page(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(*_: object, **__: object) -> None:
        raise AssertionError("the page was written")

    monkeypatch.setattr("gradio.route_utils.update_root_in_config", written)
    answer = httpx.head(url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in answer.headers
    assert httpx.head(url, params={"run": "gone"}).status_code == 404


@pytest.mark.parametrize("token", ["x", "../..", '"><script>alert(1)</script>', "a" * 5000])
def test_invalid_links_are_404(url: str, token: str) -> None:
    answer = httpx.get(url, params={"run": token})
    assert answer.status_code == 404
    assert "alert(1)" not in answer.text.split("</title>")[0]


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("http://127.0.0.1:7860/", "here"),
        ("http://localhost:7860/", "here"),
        ("http://studio.localhost/", "here"),
        ("http://[::1]:7860/", "here"),
        ("http://192.168.1.20:7860/", "near"),
        ("http://169.254.3.4/", "near"),
        ("http://100.64.1.2:7860/", "near"),
        ("http://studio.local/", "near"),
        ("http://studio.lan/", "near"),
        ("http://studio:7860/", "near"),
        ("https://someone-joystudio.hf.space/", "anywhere"),
        ("https://93.184.216.34/", "anywhere"),
    ],
)
def test_a_link_says_who_can_open_it(address: str, reach: str) -> None:
    assert reach_of(address) == reach
    panel = panel_html(ElementIds("x"), Settings(), Shareable("page.html", f"{address}?run=secret"))
    said = {"here": "this computer only", "near": "your own network only", "anywhere": "Or send one"}
    assert said[reach] in panel
    # A code and the system's list of programs take the link to another device.
    assert ("<svg" in panel) == ("data-send" in panel) == (reach != "here")


def test_files_can_be_sent_where_links_are_disabled() -> None:
    panel = panel_html(ElementIds("x"), Settings(share_hours=0), Shareable("page.html"))
    assert "page.html" in panel
    assert "x-share" not in panel


def test_the_code_of_a_link_is_read_again() -> None:
    import cv2
    import numpy as np

    from ui.components.share_panel import MODULE, QUIET_ZONE, qr_code

    link = "https://studio.example.org/?run=" + "a-Z_9" * 6
    svg = str(qr_code(link))
    side = int(re.findall(r'width="(\d+)"', svg)[0]) // MODULE
    modules = np.full((side, side), 255, np.uint8)
    (dark,) = re.findall(r'<path[^>]*stroke="#000"[^>]*d="([^"]*)"', svg) or re.findall(
        r'<path[^>]*d="(M[^"]*)"[^>]*stroke="#000"', svg
    )
    x = y = 0.0
    for command, values in re.findall(r"([Mmh])([-\d. ]+)", dark):
        numbers = [float(number) for number in values.split()]
        if command == "h":
            modules[int(y), int(x) : int(x + numbers[0])] = 0
            x += numbers[0]
        else:
            x, y = (numbers[0], numbers[1]) if command == "M" else (x + numbers[0], y + numbers[1])
    assert modules[:QUIET_ZONE].min() == 255
    picture = np.kron(modules, np.ones((8, 8), np.uint8))
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == link


def test_the_icon_of_the_page_is_its_own(url: str) -> None:
    answer = httpx.get(f"{url}favicon.ico")
    assert answer.status_code == 200
    assert answer.content[:4] == b"\0\0\1\0"
