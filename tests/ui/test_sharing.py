"""Files and subtitles of a finished video: what visitors send, and what links and players show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import write_voice
from tests.ui.rehearsal import ENGINE
from tests.ui.test_export import unfold
from tests.ui.visit import Files, Site, at, finish, give

TABS = (ENGINE, "gallery")
HANDED = "() => { window.handed = []; navigator.share = async (what) => { window.handed.push(what.url); }; }"
UNTIL = """(video, name) => new Promise((done) => {
    const look = () => (video[name] > 0 ? done() : requestAnimationFrame(look));
    look();
})"""
"""Waits until a property of a video is positive. The file forbids what `wait_for_function` does."""
TRACKS = """video => [...video.textTracks].filter((track) => track.mode === "showing" && track.cues?.length)
    .map((track) => [...track.cues].map((cue) => [cue.startTime, cue.text]))"""


def test_a_video_leaves_the_page_as_a_link_and_as_files_with_its_subtitles(
    visitor: Page, stranger: Page, site: Site, files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(visitor, files.portrait, write_voice(tmp_path / "voice.wav", seconds=1.3))
    finish(visitor)
    monkeypatch.setattr("ui.components.share_panel.reach_of", lambda link: "anywhere")
    visitor.evaluate(HANDED)
    at(visitor, "share").click()
    panel = at(visitor, "share-link")
    panel.get_by_role("button", name="Send", exact=True).click()
    link = panel.get_by_label("Link", exact=True).input_value()
    assert visitor.evaluate("window.handed") == [link]
    panel.get_by_text("QR code").click()
    expect(panel.get_by_role("img", name="The link as a QR code").locator("svg")).to_be_visible()

    # An export that is asked for here is made in the fold, with its shape and type.
    panel.get_by_role("button", name="GIF").click()
    exported = at(visitor, "exports").get_by_role("link")
    expect(exported).to_have_text("Video (gif)")
    expect(at(visitor, "export-fold").get_by_label("gif", exact=True)).to_be_checked()

    subtitles = tmp_path / "talk.srt"
    subtitles.write_text("1\n00:00:00,500 --> 00:00:01,000\nHello <i>&</i> --> bye\n")
    at(visitor, "export-subtitles input[type=file]").set_input_files(subtitles)
    shown = [[[0.5, "Hello &amp; --&gt; bye"]]]
    expect(at(visitor, "exports [data-track]")).to_contain_text("Subtitles: 1.")
    own = at(visitor, "result video")
    visitor.wait_for_function(
        f"document.querySelector('#{ENGINE}-result track[data-ours]')?.track.cues?.length === 1"
    )
    assert own.evaluate(TRACKS) == shown

    stranger.goto(link)
    player = stranger.locator("#shared-result video")
    stranger.wait_for_function("document.querySelector('#shared-result track')?.track.cues?.length === 1")
    assert player.evaluate(TRACKS) == shown

    with visitor.expect_download() as download:
        panel.get_by_role("link", name="Web page (html)").click()
    assert re.fullmatch(r"joystudio-woman-seed0\.html", download.value.suggested_filename)
    saved = tmp_path / "saved.html"
    download.value.save_as(saved)
    stranger.goto(saved.as_uri())
    alone = stranger.locator("video")
    play = stranger.get_by_role("button", name="Play")
    expect(play).to_be_visible()
    alone.evaluate(UNTIL, "duration")
    assert alone.evaluate("(video) => video.duration") > 1.2
    play.click()
    expect(play).to_be_hidden()
    alone.evaluate(UNTIL, "currentTime")
    assert alone.evaluate(TRACKS) == shown
    assert not re.search("https?:", saved.read_text(encoding="utf-8"))

    # Without them, the player and the link have none either.
    at(visitor, "export-subtitles").get_by_label("Clear").click()
    expect(at(visitor, "exports [data-track]")).to_have_count(0)
    expect(at(visitor, "result track[data-ours]")).to_have_count(0)
    stranger.goto(link)
    player.wait_for()
    expect(stranger.locator("#shared-result track")).to_have_count(0)

    # The next video does not take them from this one, nor draws them on its exports.
    field = at(visitor, "export-subtitles")
    field.locator("input[type=file]").set_input_files(subtitles)
    expect(at(visitor, "exports [data-track]")).to_contain_text("Subtitles: 1.")
    finish(visitor)
    expect(at(visitor, "exports [data-track]")).to_have_count(0)
    expect(field).not_to_contain_text("talk")
    field.locator("input[type=file]").wait_for(state="attached")
    stranger.goto(link)
    player.wait_for()
    expect(stranger.locator("#shared-result track")).to_have_count(1)


def test_subtitles_that_come_before_the_video_are_its_own_and_others_are_refused_at_once(
    visitor: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    unfold(visitor)
    subtitles = tmp_path / "early.srt"
    subtitles.write_text("1\n00:00:00,500 --> 00:00:01,000\nHello\n")
    at(visitor, "export-subtitles input[type=file]").set_input_files(subtitles)
    expect(at(visitor, "export-subtitles")).to_contain_text("early")
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    expect(at(visitor, "exports [data-track]")).to_contain_text("Subtitles: 1.")
    expect(at(visitor, "export-subtitles")).to_contain_text("early")
    at(visitor, "export-subtitles").get_by_label("Clear").click()
    expect(at(visitor, "exports [data-track]")).to_have_count(0)
    broken = tmp_path / "talk.vtt"
    broken.write_text("WEBVTT\n\nnothing")
    at(visitor, "export-subtitles input[type=file]").set_input_files(broken)
    expect(visitor.locator(".toast-body").first).to_contain_text("it has no cue with a time and a text")
    expect(at(visitor, "exports [data-track]")).to_have_count(0)
