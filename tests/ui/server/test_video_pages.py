"""HTML files with a video inside, over HTTP: for the owner only, complete, and without a copy on disk."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from media.video_writer import VideoWriter
from studio.gallery.history import History
from studio.gallery.tracks import keep_track, remove_track
from studio.gallery.videos import Gallery
from studio.settings import Settings
from tests.studio.test_history import make_result
from tests.ui.server.serving import serving
from ui.server.addresses import Addresses

OWNER = "o:someone"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(port=0, outputs=tmp_path / "outputs")


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    with serving(settings) as url:
        yield url


def made(settings: Settings) -> Path:
    """A real video of the page."""
    video = settings.outputs / "0123456789abcdef.mp4"
    video.parent.mkdir(exist_ok=True)
    with VideoWriter(video, (64, 48), 25) as writer:
        writer.write(np.full((5, 48, 64, 3), 90, np.uint8))
    History(settings.history).record(make_result("a1b2c3", video), OWNER)
    return video


def test_the_file_holds_the_video_and_its_subtitles_and_ends_with_it(
    url: str, settings: Settings, tmp_path: Path
) -> None:
    video = made(settings)
    gallery = Gallery(OWNER, settings)
    addresses = Addresses(settings, url)
    result = gallery.get("a1b2c3").result
    subtitles = tmp_path / "talk.srt"
    subtitles.write_text("1\n00:00:00,000 --> 01:00:01,000\n</script><b>Hello</b> JOYSTUDIO-VIDEO-HERE\n")
    assert httpx.get(addresses.track(OWNER, result)).status_code == 404
    assert keep_track(gallery, "a1b2c3", subtitles) == 1
    track = httpx.get(addresses.track(OWNER, result))
    assert track.headers["content-type"].startswith("text/vtt")
    assert (
        track.text == "WEBVTT\n\n00:00:00.000 --> 01:00:01.000\n&lt;/script&gt;Hello JOYSTUDIO-VIDEO-HERE\n"
    )

    address = addresses.page_file(OWNER, result)
    answer = httpx.get(address)
    assert answer.headers["content-disposition"] == 'attachment; filename="joystudio-x-seed3.html"'
    assert int(httpx.head(address).headers["content-length"]) == len(answer.content)
    (data,) = re.findall(r'<script type="text/plain" id="data">([^<]*)</script>', answer.text)
    assert base64.b64decode(data) == video.read_bytes()
    assert answer.text.count("</script>") == 3  # the subtitles add none

    other = Addresses(settings, url).page_file("o:other", result)
    assert httpx.get(other).status_code == 404
    remove_track(gallery, "a1b2c3")
    assert httpx.get(addresses.track(OWNER, result)).status_code == 404
    gallery.delete("a1b2c3")
    assert httpx.get(address).status_code == 404
    assert [
        path for path in settings.outputs.rglob("*") if ".sqlite" not in path.name and path.is_file()
    ] == []
