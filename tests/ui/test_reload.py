"""A job continues when its page is reloaded or closed, and the visitor finds it again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.test_gallery import open_gallery
from tests.ui.visit import PATIENCE, Files, Site, at, finish, give, open_in, open_page
from ui.components import job_tray
from ui.tabs.compare.screen import COMPARE
from ui.tabs.gallery.screen import GALLERY

TABS = (ENGINE, COMPARE, GALLERY)


def begin(page: Page, site: Site, files: Files) -> None:
    """Ask for a video that the engine does not finish until the test lets it."""
    site.rehearsal.go.clear()
    site.rehearsal.pace = 0.6
    give(page, files.portrait, files.ten_seconds)
    at(page, "generate").click()
    expect(at(page, "progress")).to_contain_text("Rendering")


def tray(page: Page) -> Locator:
    return page.locator("#job-tray li")


def test_a_reloaded_page_shows_its_job_again_and_can_cancel_the_next(
    visitor: Page, site: Site, files: Files
) -> None:
    begin(visitor, site, files)
    expect(tray(visitor)).to_have_count(1)
    visitor.reload()
    expect(at(visitor, "progress")).to_contain_text("Rendering")
    expect(at(visitor, "generate")).to_be_disabled()
    expect(at(visitor, "cancel")).to_be_enabled()
    expect(tray(visitor)).to_contain_text(re.compile(r"Rehearsal.*woman\.png.*Rendering", re.DOTALL))
    visitor.wait_for_function("() => /^\\d+ % · JoyStudio$/.test(document.title)")
    live = at(visitor, "result video")
    expect(live).to_have_attribute("src", re.compile("^blob:"))
    visitor.wait_for_function("() => document.querySelector('#rehearsal-result video').readyState >= 2")
    site.rehearsal.go.set()
    expect(at(visitor, 'progress [data-state="done"]')).to_be_visible()
    expect(live).to_have_attribute("src", re.compile(r"\.mp4"))
    expect(at(visitor, "generate")).to_be_enabled()
    expect(tray(visitor)).to_have_count(0)
    expect(visitor).to_have_title("JoyStudio")
    assert len(site.rehearsal.jobs) == 1

    site.rehearsal.reset()
    at(visitor, "consent input").check()
    begin(visitor, site, files)
    visitor.reload()
    expect(at(visitor, "cancel")).to_be_enabled()
    at(visitor, "cancel").click()
    expect(at(visitor, "progress")).to_contain_text("Cancelled. No files were kept.")
    assert site.rehearsal.ended.wait(PATIENCE / 1000)
    expect(at(visitor, "generate")).to_be_enabled()
    site.rehearsal.reset()
    at(visitor, "consent input").check()
    give(visitor, files.portrait, files.voice)
    finish(visitor)


def test_the_tray_cancels_a_job_which_no_other_visitor_sees(
    visitor: Page, stranger: Page, site: Site, files: Files
) -> None:
    begin(visitor, site, files)
    expect(tray(visitor)).to_have_count(1)
    open_in(stranger, site)
    give(stranger, files.portrait, files.voice)
    at(stranger, "generate").click()
    expect(tray(stranger)).to_have_count(1)
    expect(tray(stranger)).to_contain_text("Waiting in the queue")
    at(stranger, "cancel").click()
    expect(tray(stranger)).to_have_count(0)
    expect(tray(visitor)).to_have_count(1)
    visitor.get_by_role("tab", name="Gallery").click()
    # The list is drawn again while the button is pressed, as every two seconds.
    tray(visitor).get_by_role("button", name="Cancel").hover()
    visitor.mouse.down()
    visitor.locator("#job-tray ul").evaluate("(list) => { list.outerHTML = list.outerHTML; }")
    visitor.mouse.up()
    expect(tray(visitor)).to_have_count(0)
    assert site.rehearsal.ended.wait(PATIENCE / 1000)
    visitor.get_by_role("tab", name="Rehearsal").click()
    expect(at(visitor, "progress")).to_contain_text("Cancelled. No files were kept.")
    expect(at(visitor, "generate")).to_be_enabled()


def test_the_job_of_a_closed_page_finishes_in_the_gallery(window: Page, site: Site, files: Files) -> None:
    site.reset()
    page = open_page(window.context, site)
    begin(page, site, files)
    page.close()
    site.rehearsal.go.set()
    assert site.rehearsal.ended.wait(PATIENCE / 1000)
    open_in(window, site)
    expect(at(window, 'progress [data-state="done"]')).to_be_visible()
    open_gallery(window, 1)


def test_the_end_of_a_long_job_is_notified_to_a_visitor_who_looks_elsewhere(
    visitor: Page, site: Site, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.evaluate(
        """() => {
            window.notified = [];
            window.Notification = class {
                static permission = "default";
                static async requestPermission() { return Notification.permission = "granted"; }
                constructor(title, { body }) { window.notified.push(`${title}: ${body}`); }
            };
        }"""
    )
    begin(visitor, site, files)
    expect(tray(visitor)).to_have_count(1)
    asks = visitor.get_by_role("button", name="Notify me when it ends")
    expect(asks).to_be_hidden()
    monkeypatch.setattr(job_tray, "LONG_SECONDS", 0.0)
    asks.click()
    expect(asks).to_be_hidden()
    visitor.evaluate("Object.defineProperty(document, 'hidden', { value: true })")
    site.rehearsal.go.set()
    expect(tray(visitor)).to_have_count(0)
    assert visitor.evaluate("notified") == ["JoyStudio: Rehearsal woman.png: The job has ended."]


def begin_comparing(page: Page, site: Site, files: Files, voice: Path) -> None:
    """Compare three ways of an engine that does not finish until the test lets it."""
    site.rehearsal.go.clear()
    give(page, files.portrait, voice)
    page.get_by_role("tab", name="Compare").click()
    at(page, "count", COMPARE).get_by_label("3", exact=True).click()
    at(page, "start", COMPARE).click()
    expect(at(page, "progress", COMPARE)).to_contain_text("Column 1 of 3")
    page.reload()
    page.get_by_role("tab", name="Compare").click()
    expect(at(page, "progress", COMPARE)).to_contain_text("Column 1 of 3")
    expect(tray(page)).to_contain_text(re.compile(r"Compare.*woman\.png.*Column 1 of 3", re.DOTALL))
    expect(at(page, "start", COMPARE)).to_be_disabled()
    expect(at(page, "picture-0 .frame", COMPARE)).to_have_attribute("data-state", "working")
    expect(at(page, "picture-2", COMPARE)).to_contain_text(ENCORE)


def test_a_reloaded_page_can_cancel_its_comparison_and_shows_the_next_again(
    visitor: Page, site: Site, files: Files
) -> None:
    begin_comparing(visitor, site, files, files.half_a_minute)
    at(visitor, "cancel", COMPARE).click()
    expect(at(visitor, "progress", COMPARE)).to_contain_text("Cancelled. Finished columns are kept.")
    assert site.rehearsal.ended.wait(PATIENCE / 1000)
    for column in range(3):
        expect(at(visitor, f"picture-{column}", COMPARE)).to_contain_text("not made")
    expect(at(visitor, "start", COMPARE)).to_be_enabled()

    site.rehearsal.reset()
    site.rehearsal.pace = PATIENCE / 1000
    at(visitor, "consent input").check()
    begin_comparing(visitor, site, files, files.voice)
    site.rehearsal.go.set()
    expect(at(visitor, 'progress [data-state="done"]', COMPARE)).to_have_count(1, timeout=2 * PATIENCE)
    for column in range(3):
        expect(at(visitor, f"picture-{column} video", COMPARE)).to_have_count(1)
    expect(at(visitor, "download-zip", COMPARE)).to_be_enabled()
    expect(at(visitor, "start", COMPARE)).to_be_enabled()
    expect(tray(visitor)).to_have_count(0)
