"""The compare tab: columns that appear one by one, play in sync, fail separately and come in one zip."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Locator, Page, expect

from studio.comparison.folders import ComparisonFolder, delete_comparison, list_comparisons, new_comparison
from studio.gallery.history import History
from studio.settings import Settings
from tests.ui.compare_cards import TAB, choose, open_options
from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.visit import PATIENCE, Files, Site, at, give
from ui.tabs.compare.delete import delete_all
from ui.tabs.gallery.screen import GALLERY

TABS = (ENGINE, TAB, GALLERY)
FRAME = 1 / 25
VIDEOS = "[...document.querySelectorAll('.compare-stage video, .players video')]"


@pytest.fixture
def tab(visitor: Page) -> Page:
    """A visitor on the tab."""
    visitor.get_by_role("tab", name="Compare").click()
    at(visitor, "start", TAB).wait_for()
    return visitor


def bring(page: Page, files: Files, voice: Path | None = None) -> None:
    """A portrait, a voice and the consent."""
    give(page, files.portrait, voice or files.voice, TAB)
    at(page, "consent input", TAB).check()


def compare(page: Page) -> None:
    at(page, "start", TAB).click()
    done = at(page, 'progress [data-state="done"]', TAB)
    expect(done).to_have_count(1, timeout=2 * PATIENCE)


def frame(page: Page, column: int) -> Locator:
    """The place of a column's video, counted from 0."""
    return at(page, f"picture-{column} .frame", TAB)


def in_step(page: Page) -> None:
    """All columns play, and stop at the same picture; only the first is heard."""
    page.wait_for_function(f"{VIDEOS}.length > 1 && {VIDEOS}.every(video => video.readyState > 3)")
    button = page.locator(".controls .play:visible")
    button.click()
    page.wait_for_function(f"{VIDEOS}.every(video => video.currentTime > 0.4)")
    expect(button).to_have_text(re.compile("Pause|Play all"))
    if button.inner_text() == "Pause":
        button.click()
    page.wait_for_function(f"{VIDEOS}.every(video => video.paused && !video.seeking)")
    times = page.evaluate(f"{VIDEOS}.map(video => video.currentTime)")
    assert max(times) - min(times) < FRAME
    page.locator(".controls .time:visible").focus()
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{VIDEOS}.every(video => Math.abs(video.currentTime - 0.5) < {FRAME})")
    assert page.evaluate(f"{VIDEOS}.map(video => video.muted)") == [False, True]
    expect(page.locator(".controls .clock:visible")).to_contain_text("0.5")


def test_columns_play_in_sync_come_in_a_zip_and_are_deleted_alone(
    tab: Page, stranger: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    for other in list_comparisons(site.settings):
        delete_comparison(other, site.settings)
    expect(at(tab, "delete", TAB)).to_be_disabled()
    expect(at(tab, "title-0", TAB)).to_contain_text("rehearsal:strong")
    strength = open_options(tab, 1)
    strength.press("ArrowRight")
    heading = at(tab, "title-1 code", TAB)
    expect(heading).to_have_text("rehearsal,strength=1.25")
    at(tab, "settings-1 .card-reset", TAB).click()
    expect(heading).to_have_text("rehearsal")
    strength.press("ArrowRight")
    expect(heading).to_have_text("rehearsal,strength=1.25")
    bring(tab, files)
    two = tab.locator("#page-two-people")
    two.get_by_role("button", name="Two people").click()
    two.get_by_label("Both voices together").check()
    at(tab, "start", TAB).click()
    expect(tab.locator(".toast-body").first).to_contain_text("Compare makes videos of one voice.")
    assert site.rehearsal.jobs == []
    two.get_by_label("One person").check()
    compare(tab)
    assert [job[1].model_dump()["strength"] for job in site.rehearsal.jobs] == [1.75, 1.25]
    expect(at(tab, "picture-1", TAB)).to_contain_text("rehearsal,strength=1.25")
    expect(at(tab, "plot-1 svg", TAB)).to_have_count(1)
    for words in ("Frame rate", "Peak memory", "Mouth and sound"):
        expect(at(tab, "table", TAB)).to_contain_text(words)
    in_step(tab)
    (made,) = list_comparisons(site.settings)
    assert History(site.settings.history).list() == []  # they are in no gallery
    assert {path.parent for path in site.videos()} == {made.path}  # and are there once
    served = tab.evaluate(f"{VIDEOS}.map(video => video.src)")
    served += tab.evaluate("[...document.querySelectorAll('a.download')].map(link => link.href)")
    assert len(served) == 5
    assert {tab.request.head(file).status for file in served} == {200}

    open_in_gallery(tab)
    expect(tab.locator(f"#{GALLERY}-stage figcaption:visible")).to_contain_text(
        ["rehearsal:strong", "rehearsal,strength=1.25"]
    )
    expect(tab.locator(f"#{GALLERY}-stage video")).to_have_count(2)
    again = tab.evaluate("[...document.querySelectorAll('.side-by-side a.download')].map(link => link.href)")
    assert set(again) <= set(served)
    assert len(again) == 3
    at(tab, "side-close", GALLERY).click()
    tab.get_by_role("tab", name="Compare").click()

    with tab.expect_download() as download:
        at(tab, "download-zip", TAB).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    report = tmp_path / "comparison" / "comparison.html"
    with (report.parent / "comparison.csv").open(encoding="utf-8") as lines:
        assert next(csv.reader(lines)) == ["", "rehearsal:strong", "rehearsal,strength=1.25"]
    assert (report.parent / "side-by-side.mp4").stat().st_size > 1000
    stranger.context.set_offline(True)
    asked: list[str] = []
    stranger.on("request", lambda request: asked.append(request.url))
    stranger.goto(report.as_uri())
    in_step(stranger)
    assert all(url.startswith("file:") for url in asked)
    stranger.context.set_offline(False)
    delete(tab, site, made)
    assert {tab.request.head(file).status for file in served} == {404}


def open_in_gallery(page: Page) -> None:
    """Open the latest comparison in the gallery."""
    page.get_by_role("tab", name="Gallery").click()
    at(page, "kind", GALLERY).get_by_text("Comparisons").click()
    at(page, "stills button.comparison", GALLERY).first.click()
    expect(at(page, "stage", GALLERY)).to_be_visible()


def delete(tab: Page, site: Site, made: ComparisonFolder) -> None:
    """Delete the shown comparison and earlier ones, and nothing of others."""
    expect(at(tab, "delete", TAB)).to_be_enabled()
    with new_comparison(made.owner, site.settings) as earlier:  # the page does not show it; Delete takes it
        assert earlier.path.is_dir()
    assert len(list_comparisons(site.settings)) == 2
    with new_comparison("somebody else", site.settings) as foreign:
        at(tab, "delete", TAB).click()
        expect(at(tab, "delete", TAB)).to_have_text("Delete permanently?")
        assert len(list_comparisons(site.settings)) == 3
        at(tab, "delete", TAB).click()
        expect(at(tab, "progress", TAB)).to_contain_text("All your comparisons have been deleted")
        assert [made.id for made in list_comparisons(site.settings)] == [foreign.id]
    expect(at(tab, "delete", TAB)).to_be_disabled()
    expect(tab.locator(".compare-stage video")).to_have_count(0)
    expect(at(tab, "download-zip", TAB)).to_be_disabled()
    assert not site.videos()
    delete_comparison(foreign, site.settings)


def test_a_running_comparison_is_not_deleted(tmp_path: Path) -> None:
    settings = Settings(outputs=tmp_path, history=tmp_path / "history.sqlite")
    with new_comparison("ann", settings) as made:
        assert delete_all("ann", settings, frozenset()) == (0, frozenset())
        assert made.path.is_dir()
    assert delete_all("ben", settings, frozenset()) == (0, frozenset())
    assert delete_all("ann", settings, frozenset()) == (1, frozenset())
    assert not made.path.exists()


def test_a_column_that_fails_leaves_the_others(tab: Page, site: Site, files: Files) -> None:
    site.rehearsal.broken.add(ENCORE)
    at(tab, "count", TAB).get_by_label("3", exact=True).click()
    choose(tab, "engine", 0, ENCORE)
    expect(at(tab, "title-0", TAB)).to_contain_text(ENCORE)
    choose(tab, "engine", 2, ENGINE)
    choose(tab, "preset", 2, "Strong")
    bring(tab, files)
    compare(tab)
    expect(frame(tab, 0)).to_have_attribute("data-state", "failed")
    expect(frame(tab, 0)).to_contain_text("report it with the number")
    expect(frame(tab, 0)).not_to_contain_text("secret detail")
    expect(frame(tab, 1).locator("video")).to_have_count(1)
    expect(frame(tab, 2).locator("video")).to_have_count(1)
    assert tab.evaluate(f"{VIDEOS}.map(video => video.muted)") == [False, True]  # the first that is there

    count = len(list_comparisons(site.settings))
    open_in_gallery(tab)
    expect(at(tab, "picture-0", GALLERY)).to_contain_text("report it with the number")
    expect(tab.locator(f"#{GALLERY}-stage video")).to_have_count(2)
    at(tab, "side-delete", GALLERY).click()
    expect(at(tab, "side-delete", GALLERY)).to_have_text("Delete permanently?")
    at(tab, "side-delete", GALLERY).click()
    expect(at(tab, "stage", GALLERY)).to_be_hidden()
    expect(at(tab, "stills button.comparison", GALLERY)).to_have_count(count - 1)
    assert len(list_comparisons(site.settings)) == count - 1


def test_cancel_keeps_finished_columns_and_invalid_ones_are_reported(
    tab: Page, site: Site, files: Files
) -> None:
    site.rehearsal.go.clear()
    bring(tab, files, files.half_a_minute)
    at(tab, "start", TAB).click()
    expect(at(tab, "progress", TAB)).to_contain_text(
        re.compile(r"Column 1 of 2, rehearsal:strong: rendering.*\d+% · .* left in this column", re.DOTALL)
    )
    expect(frame(tab, 0)).to_have_attribute("data-state", "working")
    at(tab, "cancel", TAB).click()
    assert site.rehearsal.ended.wait(PATIENCE / 1000)
    assert len(site.rehearsal.jobs) == 1
    expect(at(tab, "progress", TAB)).to_contain_text("Cancelled")
    expect(frame(tab, 0)).to_contain_text("not made")
    expect(at(tab, "start", TAB)).to_be_enabled()
    expect(at(tab, "cancel", TAB)).to_be_disabled()

    at(tab, "consent input", TAB).uncheck()
    at(tab, "start", TAB).click()
    expect(tab.locator(".toast-body")).to_contain_text("right to use this face")
    at(tab, "consent input", TAB).check()
    choose(tab, "preset", 1, "Strong")
    expect(at(tab, "title-1", TAB)).to_contain_text("rehearsal:strong")
    at(tab, "start", TAB).click()
    expect(tab.locator(".toast-body").last).to_contain_text("Columns 1 and 2 are the same")
    assert len(site.rehearsal.jobs) == 1


def test_programs_compare_with_news_of_the_progress(site: Site, files: Files) -> None:
    site.reset()
    client = Client(site.url, verbose=False)
    given = {
        "portrait": handle_file(files.portrait),
        "voice": handle_file(files.voice),
        "columns": [ENGINE, f"{ENGINE}:strong,mirror=false"],
        "api_name": "/compare",
    }
    with pytest.raises(AppError, match="right to use"):
        client.predict(**given)
    *news, (made, last) = client.submit(**given, seed=7, consent=True)
    assert {one["stage"] for _, one in news} >= {"opening", "scoring"}
    assert last["stage"] == "done"
    names = {Path(path).name for path in made}
    assert names >= {"comparison.html", "comparison.zip", "side-by-side.mp4", "1-rehearsal.mp4"}
    assert [job[2] for job in site.rehearsal.jobs] == [7, 7]
    with pytest.raises(AppError, match="no preset"):
        client.predict(**given | {"columns": [f"{ENGINE}:weak"]}, consent=True)
