"""Exports on the page: made in the queue, served to their owner only, deleted with their video."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from media.errors import Cancelled
from media.performance.reading import read_performance
from media.video import VideoReader
from studio.clips.events import ClipEvent
from studio.gallery.exports import FOLDER, export_video
from studio.provenance.inspection import inspect_video
from studio.stopping import check_wanted
from tests.conftest import write_voice
from tests.media.decoding.processes import wait_until
from tests.ui.rehearsal import ENGINE
from tests.ui.test_gallery import choose, open_gallery
from tests.ui.visit import PATIENCE, Files, Site, at, finish, give, held, open_in
from ui.tabs.gallery.screen import GALLERY

TABS = (ENGINE, GALLERY)
OPACITY = """async ([address, places]) => {
    const video = document.createElement("video");
    video.muted = true;
    video.src = address;
    await new Promise((done, failed) => {
        video.requestVideoFrameCallback(done);
        video.onerror = failed;
        video.play();
    });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0);
    video.pause();
    return places.map(([x, y]) => context.getImageData(x, y, 1, 1).data[3]);
}"""
"""The opacity of a frame of a video at some places, as the browser shows it."""


def unfold(page: Page, tab: str | None = None) -> None:
    given = (tab,) if tab else ()
    at(page, "export-fold", *given).get_by_role("button", name="Export").first.click()


def press(page: Page, name: str, *tab: str) -> None:
    at(page, "export-fold", *tab).get_by_label(name, exact=True).check()


def export(page: Page, *tab: str) -> None:
    """Press the button and wait for the end."""
    at(page, "export", *tab).click()
    expect(at(page, 'export-progress [data-state="done"]', *tab)).to_be_visible()


def test_a_video_is_exported_and_downloaded_by_its_visitor_alone(
    visitor: Page, stranger: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    unfold(visitor)
    expect(at(visitor, "export")).to_be_disabled()
    give(visitor, files.portrait, write_voice(tmp_path / "voice.wav", seconds=1.3))
    finish(visitor)
    expect(at(visitor, "export")).to_be_enabled()
    export(visitor)
    links = at(visitor, "exports").get_by_role("link")
    expect(links).to_have_text("Video (mp4)")
    press(visitor, "Square 1:1")
    press(visitor, "webm")
    subtitles = tmp_path / "talk.srt"
    subtitles.write_text("1\n00:00:00,500 --> 00:00:01,000\nHello\n")
    at(visitor, "export-subtitles input[type=file]").set_input_files(subtitles)
    expect(at(visitor, "export-subtitles")).to_contain_text("talk")
    at(visitor, "export").click()
    link = links.filter(has_text="Square, subtitles (webm)")
    expect(link).to_have_count(1)
    with visitor.expect_download() as download:
        link.click()
    assert re.fullmatch(r"joystudio-woman-seed0-square-subtitles\.webm", download.value.suggested_filename)
    saved = tmp_path / "saved.webm"
    download.value.save_as(saved)
    assert VideoReader(saved).size == (1080, 1080)
    pictures = np.stack([picture[::4, ::4] for picture in VideoReader(saved)]).astype(int)
    shown = np.abs(pictures - pictures[0]).max(axis=(1, 2, 3)) > 100
    assert shown[15]
    assert not shown[30]
    facts = inspect_video(saved).facts
    assert facts is not None
    assert facts["ai_generated"] is True

    # Without the background, as the browser decodes it.
    press(visitor, "As the video")
    press(visitor, "webm, transparent")
    at(visitor, "export").click()
    clear = links.filter(has_text="Video, transparent, subtitles (webm)")
    expect(clear).to_have_count(1)
    corner, face = visitor.evaluate(OPACITY, [clear.evaluate("link => link.href"), [[4, 4], [160, 120]]])
    assert (corner, face) == (0, 255)

    # As curves for another program; the list of formats comes with the choice.
    expect(at(visitor, "export-curves")).to_be_hidden()
    press(visitor, "curves")
    expect(at(visitor, "export-curves")).to_be_visible()
    at(visitor, "export").click()
    curves = links.filter(has_text="Live Link Face CSV")
    with visitor.expect_download() as download:
        curves.click()
    assert download.value.suggested_filename == "joystudio-woman-seed0.livelink.csv"
    download.value.save_as(tmp_path / "take.csv")
    assert read_performance(tmp_path / "take.csv").duration == pytest.approx(1.3, abs=0.05)

    open_in(stranger, site)
    unfold(stranger)
    expect(at(stranger, "export")).to_be_disabled()
    expect(at(stranger, "exports").get_by_role("link")).to_have_count(0)


def waiting_export(*given: Any) -> Iterator[ClipEvent]:
    """An export that waits after its first news until it is cancelled."""
    pause = threading.Event()
    for event in export_video(*given):
        yield event
        with suppress(Cancelled):
            for _ in range(PATIENCE // 10):
                check_wanted()
                pause.wait(0.01)


def test_an_export_is_refused_cancelled_and_made_and_stays_with_its_video_in_the_gallery(
    visitor: Page, site: Site, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(visitor, files.portrait, write_voice(tmp_path / "voice.wav", seconds=1.3))
    finish(visitor)
    unfold(visitor)
    broken = tmp_path / "talk.vtt"
    broken.write_text("WEBVTT\n\nnothing")
    at(visitor, "export-subtitles input[type=file]").set_input_files(broken)
    expect(at(visitor, "export-subtitles")).to_contain_text("talk")
    at(visitor, "export").click()
    expect(visitor.locator(".toast-body").first).to_contain_text("it has no cue with a time and a text")
    expect(at(visitor, 'export-progress [data-state="failed"]')).to_be_visible()
    expect(at(visitor, "export")).to_be_enabled()
    at(visitor, "export-subtitles").get_by_label("Clear").click()
    press(visitor, "Vertical 9:16")
    press(visitor, "webm")
    monkeypatch.setattr("ui.components.export_job.export_video", waiting_export)
    at(visitor, "export").click()
    expect(at(visitor, 'export-progress [data-state="running"]')).to_be_visible()
    with held(visitor, "**/run/predict*"):
        at(visitor, "export-cancel").click()
        expect(at(visitor, "export-cancel")).to_have_text("Cancelling")
        expect(at(visitor, "export")).to_be_disabled()  # a click would be lost until the job has ended
    expect(at(visitor, 'export-progress [data-state="stopped"]')).to_be_visible()
    expect(at(visitor, "export-cancel")).to_have_text("Cancel")
    wait_until(lambda: files_in(site) == [], "no file of a cancelled export")
    expect(at(visitor, "export")).to_be_enabled()
    monkeypatch.undo()
    press(visitor, "gif")
    export(visitor)
    assert files_in(site) == ["joystudio-woman-seed0-vertical.gif"]

    open_gallery(visitor, 1)
    choose(visitor)
    unfold(visitor, GALLERY)
    press(visitor, "gif", GALLERY)
    export(visitor, GALLERY)
    link = at(visitor, "exports", GALLERY).get_by_role("link").filter(has_text="Video (gif)")
    expect(link).to_have_count(1)
    address = link.evaluate("link => link.href")
    answer = visitor.request.get(address)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.headers["cache-control"] == "private, no-store"
    (made,) = (site.settings.outputs / FOLDER).rglob("joystudio-woman-seed0.gif")
    with Image.open(made) as gif:
        assert gif.info["loop"] == 0
    for other in (address.replace(made.name, "a.gif"), re.sub(r"/[^/]{43}/", f"/{'A' * 43}/", address)):
        assert visitor.request.get(other).status == 404
    monkeypatch.setattr("ui.components.export_job.export_video", waiting_export)
    press(visitor, "webm", GALLERY)
    at(visitor, "export", GALLERY).click()
    expect(at(visitor, 'export-progress [data-state="running"]', GALLERY)).to_be_visible()
    visitor.reload()  # an export belongs to its visitor
    at(visitor, "generate").wait_for()
    waiting = visitor.locator("#job-tray li")
    expect(waiting).to_contain_text("Export")
    waiting.get_by_role("button", name="Cancel").click()
    expect(waiting).to_have_count(0)
    monkeypatch.undo()
    open_gallery(visitor, 1)
    choose(visitor)  # the fold of the export that was found again is open
    expect(link).to_have_count(1)
    at(visitor, "delete", GALLERY).click()
    expect(at(visitor, "delete", GALLERY)).to_have_text("Delete permanently?")
    at(visitor, "delete", GALLERY).click()
    expect(at(visitor, "stills button.thumbnail-item", GALLERY)).to_have_count(0)
    assert visitor.request.get(address).status == 404
    assert site.videos() == []


def files_in(site: Site) -> list[str]:
    """What lies in the folders of exports, finished or not."""
    return [path.name for path in (site.settings.outputs / FOLDER).rglob("*") if path.is_file()]
