"""The video that plays while it is still being rendered."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.ui.rehearsal import ENGINE
from tests.ui.visit import Files, Site, at, finish, give, replace_voice

TABS = (ENGINE,)

VIDEO = f"document.querySelector('#{ENGINE}-result video')"
LIVE = f"({VIDEO} && {VIDEO}.src.startsWith('blob:'))"


def start_slowly(visitor: Page, site: Site, files: Files, voice: Path) -> None:
    """Begin a video, and wait until its pieces play."""
    site.rehearsal.go.clear()
    give(visitor, files.portrait, voice)
    generate(visitor)


def generate(visitor: Page) -> None:
    at(visitor, "generate").click()
    visitor.wait_for_function(f"{LIVE} && {VIDEO}.currentTime > 0.3")


def test_the_video_plays_before_it_is_finished_and_leaves_no_piece_if_it_never_is(
    visitor: Page, site: Site, files: Files
) -> None:
    start_slowly(visitor, site, files, files.half_a_minute)
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

    expect(at(visitor, "generate")).to_be_enabled()
    generate(visitor)
    site.rehearsal.crash = True
    expect(at(visitor, "progress")).to_contain_text("Not finished")
    expect(at(visitor, "result video")).to_have_count(0)


def test_the_finished_video_goes_on_where_the_pieces_were_which_the_next_replaces(
    visitor: Page, site: Site, files: Files
) -> None:
    start_slowly(visitor, site, files, files.ten_seconds)
    visitor.evaluate(f"{VIDEO}.volume = 0.25")
    reached = visitor.evaluate(f"{VIDEO}.currentTime")
    site.rehearsal.go.set()
    visitor.wait_for_function(f"{VIDEO} && !{LIVE} && {VIDEO}.readyState > 1")
    expect(at(visitor, 'progress [data-state="done"]')).to_have_count(1)
    assert visitor.evaluate(f"{VIDEO}.currentTime") >= reached
    assert visitor.evaluate(f"{VIDEO}.duration") > 9
    assert visitor.evaluate(f"{VIDEO}.volume") == 0.25

    replace_voice(visitor, files.voice)
    for _ in range(2):
        finish(visitor)
    kept = [  # by the server
        stream.segments
        for runs in site.page.pending_streams.values()
        for run in runs.values()
        for stream in run.values()
        if stream.segments
    ]
    assert len(kept) <= len(site.page.pending_streams)
