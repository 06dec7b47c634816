"""The tab Live: voices that move the lips, options, a phone, WebRTC and recordings."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.ui.live.actions import lips, part, start, stop, wait_until_heard
from tests.ui.visit import Files, agree, at, beyond_the_screen, give, take_away
from ui.tabs.gallery.screen import GALLERY

LONGER = re.compile("0:0[1-9] / 10:00")
"""A recording of a second and more."""


def test_the_lips_follow_the_microphone_and_options_and_muting_act_at_once(page: Page) -> None:
    start(page)
    expect(part(page, "delay")).to_contain_text("ms")
    speaking, silent = lips(page, lambda speaking, silent: speaking > 3 + 2 * silent)
    assert speaking > 3 + 2 * silent

    # The lips stay closed, with the voice as it was.
    page.locator("#live-preview-option-mouth_opening input[type=range]").fill("0")
    page.locator("#live-preview-option-head_motion input[type=range]").fill("0")
    closed, _ = lips(page, lambda speaking, silent: speaking < 3)
    assert closed < 3

    page.locator("#live-mute").click()
    expect(part(page, "status")).to_contain_text("muted")
    wait_until_heard(page, loud=False)
    page.locator("#live-mute").click()
    wait_until_heard(page)


def test_a_file_speaks_can_be_interrupted_and_speaks_again(page: Page, files: Files) -> None:
    page.locator("#live-source").get_by_label("Your voice file or text").check()
    page.locator("#live-start").click()
    expect(page.locator(".toast-body").last).to_contain_text("There is no voice yet")
    expect(page.locator("#live-start")).to_have_text("Start")
    expect(part(page, "status")).to_contain_text("Add a voice")
    page.locator("#page-text-fold button").first.click()
    page.locator("#page-text textarea").fill("Good morning.")
    expect(part(page, "status")).to_contain_text("Press Listen")
    page.locator("#live-start").click()
    expect(page.locator(".toast-body").last).to_contain_text("Press Listen first")
    expect(page.locator("#page-text-listen")).to_be_focused()
    give(page, voice=files.voice)
    start(page, "Your voice file or text")
    wait_until_heard(page)
    expect(page.locator("#live-again")).to_be_visible()  # once it is over
    wait_until_heard(page, loud=False)
    stop(page)
    start(page, "English woman")
    wait_until_heard(page)
    page.locator("#live-interrupt").click()
    wait_until_heard(page, loud=False)
    page.locator("#live-again").click()
    wait_until_heard(page)


def test_a_hidden_page_speaks_on_and_shows_the_present_when_it_is_seen_again(page: Page) -> None:
    start(page, "English woman")
    wait_until_heard(page)
    look = "document.querySelector('#live-stage canvas').toDataURL()"
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    before = page.evaluate(look)
    wait_until_heard(page)
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function(f"(before) => {look} !== before", arg=before)


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("scrollTo(0, 0)")
    start(page)
    for shown in (page.locator("#live-start"), part(page, "canvas"), part(page, "status")):
        expect(shown).to_be_in_viewport(ratio=1)
    assert beyond_the_screen(page) == []
    page.locator("#live-full").click()
    page.locator('[data-over="mute"]').click()
    expect(page.locator('[data-over="mute"]')).to_have_text("Unmute")
    page.locator('[data-over="full"]').click()
    expect(page.locator('[data-over="full"]')).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})


def test_pictures_and_sound_come_by_webrtc_and_on_the_websocket_once_that_is_gone(page: Page) -> None:
    page.evaluate("() => { window.RTCPeerConnection = Peer; }")
    start(page)
    video = part(page, "video")
    expect(video).to_be_visible()
    expect(part(page, "canvas")).to_be_hidden()
    page.wait_for_function("document.querySelector('#live-stage video').currentTime > 0.5")
    expect(part(page, "delay")).to_contain_text("ms")
    assert video.evaluate("(one) => [one.videoWidth, one.muted]") == [320, False]
    # The browser counts no more pictures, as behind a firewall that has changed its mind.
    page.evaluate("() => { peer.getStats = async () => new Map(); }")
    expect(part(page, "canvas")).to_be_visible()
    expect(video).to_be_hidden()
    wait_until_heard(page)


def test_a_recording_can_be_downloaded_and_its_settings_come_back(page: Page) -> None:
    ahead, opening = (
        page.locator("#live-look-ahead"),
        page.locator("#live-preview-option-mouth_opening input"),
    )
    ahead.get_by_label("300 ms").check()
    start(page)
    opening.first.fill("1.5")
    wait_until_heard(page)
    record = page.locator("#live-record")
    record.click()
    expect(part(page, "recorded")).to_have_text(LONGER)
    record.click()
    expect(part(page, "problem")).to_contain_text("in the gallery")
    expect(record).to_have_text("Record")
    with page.expect_download() as begun:
        part(page, "problem").get_by_role("link").click()
    assert begun.value.suggested_filename.endswith(".mp4")
    record.click()
    expect(part(page, "recorded")).to_have_text(LONGER)
    stop(page)
    expect(part(page, "problem").get_by_role("link")).to_be_visible()
    ahead.get_by_label("80 ms").check()
    opening.first.fill("1")
    take_away(page, "portrait", "Remove Image")
    page.get_by_role("tab", name="Gallery").click()
    at(page, "stills button.thumbnail-item", GALLERY).first.click()
    at(page, "open", GALLERY).click()
    expect(page.get_by_role("tab", name="Live")).to_have_attribute("aria-selected", "true")
    expect(ahead.get_by_label("300 ms")).to_be_checked()
    expect(opening.first).to_have_value("1.5")
    expect(page.locator("#page-portrait img")).to_be_visible()
    ahead.get_by_label("80 ms").check()
    opening.first.fill("1")


def test_a_session_says_what_waits_for_the_next_start_and_ends_without_consent(page: Page) -> None:
    start(page, "English woman")
    later = part(page, "later")
    expect(later).to_be_hidden()
    page.locator("#live-look-ahead").get_by_label("300 ms").check()
    page.locator("#live-source").get_by_label("Microphone").check()
    expect(later).to_have_text("From the next start on: Source of the voice, Look-ahead")
    page.locator("#live-look-ahead").get_by_label("80 ms").check()
    page.locator("#live-source").get_by_label("English woman").check()
    expect(later).to_be_hidden()
    page.locator("#page-consent input").uncheck()
    expect(part(page, "problem")).to_contain_text("withdrawn your consent")
    expect(page.locator("#live-start")).to_have_text("Start")
    agree(page)
