"""The gallery's takes of one portrait and voice: what a visitor sees, names, opens and deletes."""

from __future__ import annotations

import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from studio.gallery.history import History
from studio.gallery.kept_inputs import FOLDER
from studio.gallery.takes import ON_PAGE
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import Files, Site, at, finish, give, open_in, replace_voice, unfold
from ui.tabs.gallery.screen import GALLERY

TABS = (ENGINE, "compare", GALLERY)
STAGE = f"#{GALLERY}-stage"


def open_gallery(page: Page, count: int) -> Locator:
    """The takes, once the gallery shows so many."""
    page.get_by_role("tab", name="Gallery").click()
    found = takes(page)
    expect(found).to_have_count(count)
    return found


def takes(page: Page) -> Locator:
    return at(page, "stills button.thumbnail-item", GALLERY)


def headings(page: Page) -> Locator:
    return at(page, "stills h3", GALLERY)


def projects(site: Site) -> list[Path]:
    return list((site.settings.outputs / FOLDER).iterdir())


def playing(page: Page) -> list[bool]:
    """For every video in the list, whether it plays without sound."""
    found: list[bool] = page.evaluate(
        f"""() => [...document.querySelectorAll("#{GALLERY}-stills video")]
            .map(video => video.muted && !video.paused)"""
    )
    return found


def test_takes_of_one_pair_are_kept_named_and_deleted_together(
    visitor: Page, site: Site, files: Files
) -> None:
    strength = at(visitor, "option-strength input[type=range]")
    unfold(visitor)
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    strength.press("ArrowRight")
    finish(visitor)
    replace_voice(visitor, files.ten_seconds)
    finish(visitor)

    found = open_gallery(visitor, 3)
    expect(headings(visitor)).to_contain_text(["1 take", "2 takes"])
    expect(headings(visitor).first).to_contain_text("woman.png")
    expect(headings(visitor).first).to_contain_text("ten_seconds.wav")
    expect(found.nth(0)).not_to_contain_text("Strength")
    expect(found.nth(1)).to_contain_text("Take 2Strength: 1.25")
    expect(found.nth(2)).to_contain_text("Take 1Strength: 1")

    assert playing(visitor) == []
    found.nth(1).hover()
    visitor.wait_for_function(f"document.querySelector('#{GALLERY}-stills video')?.currentTime > 0.2")
    assert playing(visitor) == [True]
    at(visitor, "hint", GALLERY).hover()
    expect(at(visitor, "stills video", GALLERY)).to_have_count(0)
    found.nth(0).press("Tab")  # to its checkbox
    visitor.keyboard.press("Tab")
    expect(found.nth(1)).to_be_focused()
    expect(found.nth(1).locator("video")).to_have_count(1)

    visitor.keyboard.press("Enter")
    name = at(visitor, "name", GALLERY).locator("input, textarea")
    expect(name).to_be_enabled()
    expect(found.nth(1)).to_have_attribute("aria-pressed", "true")
    name.fill("The <b>lively</b> one")
    name.press("Enter")
    expect(found.nth(1)).to_contain_text("The <b>lively</b> one")
    expect(found.nth(1)).to_have_attribute("aria-pressed", "true")

    for upload in cache_of(site).rglob("*"):  # as after 24 hours
        if upload.name in (files.portrait.name, files.voice.name, files.ten_seconds.name):
            upload.unlink()
    visitor.reload()
    at(visitor, "generate").wait_for()
    found = open_gallery(visitor, 3)
    expect(found.nth(1)).to_contain_text("The <b>lively</b> one")
    found.nth(2).click()
    expect(at(visitor, "open", GALLERY)).to_be_enabled()
    at(visitor, "open", GALLERY).click()
    unfold(visitor)
    expect(strength).to_have_value("1")
    portrait = at(visitor, "portrait img")
    portrait.wait_for(state="attached")
    assert visitor.request.get(portrait.evaluate("image => image.src")).status == 200
    expect(at(visitor, "voice")).to_contain_text("0:02")

    open_gallery(visitor, 3)
    assert len(projects(site)) == 2
    at(visitor, "delete", GALLERY).click()
    expect(at(visitor, "delete", GALLERY)).to_have_text("Delete permanently?")
    at(visitor, "delete-project", GALLERY).click()
    expect(at(visitor, "delete", GALLERY)).to_have_text("Delete")
    expect(at(visitor, "delete-project", GALLERY)).to_have_text("Delete permanently?")
    assert len(site.videos()) == 3
    at(visitor, "delete-project", GALLERY).click()
    expect(takes(visitor)).to_have_count(1)
    expect(at(visitor, "open", GALLERY)).to_be_disabled()
    assert len(projects(site)) == 1
    assert len(site.videos()) == 1
    visitor.get_by_role("tab", name="Rehearsal").click()
    expect(at(visitor, "portrait img")).to_have_count(0)  # the portrait was deleted, too

    more_of_the_last(site, ON_PAGE)
    found = open_gallery(visitor, ON_PAGE)
    expect(found.first).to_contain_text(f"Take {ON_PAGE + 1}")
    page = at(visitor, "stills .take-pages", GALLERY)
    expect(page.get_by_role("button", name="Newer")).to_be_disabled()
    page.get_by_role("button", name="Older").click()
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Take 1")
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    page.get_by_role("button", name="Newer").click()
    expect(found).to_have_count(ON_PAGE)


def test_takes_are_found_compared_and_packed(
    visitor: Page, stranger: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    unfold(visitor)
    at(visitor, "option-strength input[type=range]").press("ArrowRight")
    finish(visitor)
    give(visitor, files.couple)
    at(visitor, "option-mirror input").check()
    finish(visitor)
    found = open_gallery(visitor, 3)

    search = at(visitor, "search", GALLERY).locator("input, textarea")
    searches = {"COUPLE.png": 1, "strength 1.25": 2, "mirror 开": 1, "take 2 woman": 1, "版本 2 woman": 1}
    for words, count in searches.items():
        search.fill(words)
        expect(found).to_have_count(count)
    search.fill("nothing like it")
    expect(at(visitor, "hint", GALLERY)).to_contain_text("Nothing has all of these words.")
    search.fill("")
    expect(found).to_have_count(3)

    compare = at(visitor, "compare", GALLERY)
    pick = at(visitor, "stills", GALLERY).get_by_role("checkbox")
    pick.nth(1).check()
    expect(at(visitor, "picked", GALLERY)).to_contain_text("1 of at most 20 picked")
    expect(compare).to_be_disabled()
    search.fill("couple")  # what was picked stays so in another list
    expect(found).to_have_count(1)
    pick.first.check()
    expect(at(visitor, "picked", GALLERY)).to_contain_text("2 of at most 20 picked")
    jobs = len(site.rehearsal.jobs)
    compare.click()
    expect(visitor.locator(f"{STAGE} video")).to_have_count(2)
    expect(visitor.locator(f"{STAGE} figcaption").first).to_contain_text("Take 2")
    visitor.wait_for_function(
        f"[...document.querySelectorAll('{STAGE} video')].every(video => video.readyState > 2)"
    )
    visitor.locator(f"{STAGE} .play").click()
    visitor.wait_for_function(
        f"[...document.querySelectorAll('{STAGE} video')].every(video => video.currentTime > 0.3)"
    )
    assert len(site.rehearsal.jobs) == jobs
    at(visitor, "side-close", GALLERY).click()
    expect(visitor.locator(STAGE)).to_be_hidden()
    expect(visitor.locator(f"{STAGE} video")).to_have_count(0)

    search.fill("")
    expect(found).to_have_count(3)
    expect(pick.nth(2)).not_to_be_checked()
    pick.nth(2).check()
    expect(compare).to_be_disabled()
    link = at(visitor, "zip", GALLERY)
    expect(link).to_have_attribute("download", "joystudio-3-takes.zip")
    with visitor.expect_download() as download:
        link.click()
    with zipfile.ZipFile(download.value.path()) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) == 9
    address = link.evaluate("link => link.href")
    found.first.click()
    expect(at(visitor, "delete", GALLERY)).to_be_enabled()
    at(visitor, "delete", GALLERY).click()
    expect(at(visitor, "delete", GALLERY)).to_have_text("Delete permanently?")
    at(visitor, "delete", GALLERY).click()
    expect(found).to_have_count(2)
    expect(at(visitor, "picked", GALLERY)).to_contain_text("2 of at most 20 picked")
    assert visitor.request.get(address).status == 404

    open_in(stranger, site)
    open_gallery(stranger, 0)
    at(stranger, "kind", GALLERY).get_by_text("Comparisons").click()
    expect(at(stranger, "hint", GALLERY)).to_contain_text("No comparisons yet")


def cache_of(site: Site) -> Path:
    """The folder that Gradio serves."""
    return Path(next(iter(site.page.blocks.values())).GRADIO_CACHE)


def more_of_the_last(site: Site, count: int) -> None:
    """As many more takes of the last video, with the same file."""
    history = History(site.settings.history)
    (entry,) = history.list(1)
    with sqlite3.connect(site.settings.history) as db:
        ((owner,),) = db.execute("SELECT owner FROM results WHERE job_id = ?", (entry.result.job_id,))
    db.close()
    for number in range(count):
        history.record(replace(entry.result, job_id=f"{number:016x}", seed=number), owner)
