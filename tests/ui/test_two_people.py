"""Two people in one video, on the page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.visit import Files, Site, at, finish, give, open_tab

TABS = (ENGINE, ENCORE)


def test_a_second_face_gets_its_own_voice(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.couple, files.voice)
    fold = visitor.locator("#page-two-people")
    fold.get_by_role("button", name="Two people").click()
    fold.get_by_label("A second voice after the first").check()
    at(visitor, "generate").click()
    expect(visitor.locator(".toast-body").first).to_contain_text("There is no second voice yet.")
    assert site.rehearsal.jobs == []
    fold.locator("input[type=file]").set_input_files(files.voice)
    expect(visitor.locator("#page-second-voice")).to_contain_text("voice")
    finish(visitor)
    assert sorted(portrait.face_index for portrait, _, _ in site.rehearsal.jobs) == [0, 1]
    visitor.wait_for_function(f"document.querySelector('#{ENGINE}-result video').duration > 3.9")

    open_tab(visitor, "Encore", ENCORE)
    at(visitor, "generate", ENCORE).click()
    expect(visitor.locator(".toast-body").first).to_contain_text("encore moves one face only.")
    fold.get_by_label("One person").check()
    site.rehearsal.jobs.clear()
    finish(visitor, ENCORE)
    assert [portrait.face_index for portrait, _, _ in site.rehearsal.jobs] == [0]
