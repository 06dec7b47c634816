"""The video that plays while it is still being rendered."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.conftest import write_voice
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import Files, Site, at, finish, give

TABS = (ENGINE,)

VIDEO = f"document.querySelector('#{ENGINE}-result video')"
LIVE = f"({VIDEO} && {VIDEO}.src.startsWith('blob:'))"


def start_slowly(visitor: Page, site: Site, files: Files, seconds: float = 120) -> None:
    """Begin a video, and wait until its pieces play."""
    site.rehearsal.go.clear()
    voice = write_voice(files.folder / f"{seconds}.wav", seconds=seconds)
    give(visitor, files.portrait, voice)
    at(visitor, "generate").click()
    visitor.wait_for_function(f"{LIVE} && {VIDEO}.currentTime > 0.3")


def test_the_video_plays_before_it_is_finished(visitor: Page, site: Site, files: Files) -> None:
    start_slowly(visitor, site, files)
    expect(at(visitor, 'progress [data-state="running"]')).to_have_count(1)
    assert visitor.evaluate(f"{VIDEO}.videoWidth") == 320
    assert not visitor.evaluate(f"{VIDEO}.muted")
    assert visitor.evaluate(f"{VIDEO}.webkitAudioDecodedByteCount") > 0
    reached = visitor.evaluate(f"{VIDEO}.currentTime")
    visitor.wait_for_function(f"{VIDEO}.currentTime > {reached} + 1.2")  # from piece to piece

    at(visitor, "cancel").click()
    expect(at(visitor, "progress")).to_contain_text("Cancelled")
    expect(at(visitor, "result video")).to_have_count(0)
    site.wait_until_no_video()


def test_the_finished_video_goes_on_where_the_pieces_were(visitor: Page, site: Site, files: Files) -> None:
    start_slowly(visitor, site, files, 30)
    visitor.evaluate(f"{VIDEO}.volume = 0.25")
    reached = visitor.evaluate(f"{VIDEO}.currentTime")
    site.rehearsal.go.set()
    visitor.wait_for_function(f"{VIDEO} && !{LIVE} && {VIDEO}.readyState > 1")
    expect(at(visitor, 'progress [data-state="done"]')).to_have_count(1)
    assert visitor.evaluate(f"{VIDEO}.currentTime") >= reached
    assert visitor.evaluate(f"{VIDEO}.duration") > 29
    assert visitor.evaluate(f"{VIDEO}.volume") == 0.25


def test_a_video_that_fails_leaves_no_piece_on_the_page(visitor: Page, site: Site, files: Files) -> None:
    start_slowly(visitor, site, files)
    site.rehearsal.crash = True
    expect(at(visitor, "progress")).to_contain_text("Not finished")
    expect(at(visitor, "result video")).to_have_count(0)


def test_the_server_keeps_the_pieces_of_the_last_video_only(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.portrait, files.voice)
    for _ in range(3):
        finish(visitor)
    kept = [
        stream.segments
        for runs in site.page.pending_streams.values()
        for run in runs.values()
        for stream in run.values()
        if stream.segments
    ]
    assert len(kept) <= len(site.page.pending_streams)
