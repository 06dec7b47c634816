"""The page on a phone: three steps, every tab, and the button that makes the video within reach."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.visit import Files, Site, at, beyond_the_screen, give

HIT = """element => {
    const {left, top, width, height} = element.getBoundingClientRect();
    return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""
"""Whether a finger on the middle of an element touches it, and nothing that covers it."""


def within_reach(page: Page, engine: str) -> None:
    button = at(page, "generate", engine)
    expect(button).to_be_in_viewport(ratio=1)
    assert button.evaluate(HIT)


def test_three_steps_lead_to_the_video_and_generate_is_always_within_reach(
    visitor: Page, site: Site, files: Files
) -> None:
    steps = visitor.locator(".steps-bar button")
    expect(steps.first).to_be_hidden()  # a wide screen shows all of them at once
    visitor.set_viewport_size({"width": 390, "height": 844})
    visitor.evaluate("scrollTo(0, 0)")
    expect(visitor.get_by_role("heading", level=2)).to_have_text([r"1 Portrait", "2 Voice", "3 Video"])
    assert beyond_the_screen(visitor) == []

    # The tabs are all there, in as many rows as they need.
    tabs = visitor.get_by_role("tab")
    expect(tabs).to_have_count(4)
    for tab in tabs.all():
        expect(tab).to_be_visible()
    expect(visitor.get_by_label("More tabs")).to_have_count(0)

    expect(steps.nth(0)).to_have_attribute("aria-current", "step")
    for part in ("0", "document.body.scrollHeight / 2", "document.body.scrollHeight"):
        visitor.evaluate(f"scrollTo(0, {part})")
        within_reach(visitor, ENGINE)
    tabs.nth(1).click()
    within_reach(visitor, ENCORE)
    tabs.first.click()

    give(visitor, files.portrait)
    expect(steps.nth(0)).to_have_class(re.compile("done"))
    steps.nth(1).click()
    expect(visitor.get_by_role("heading", name="Voice")).to_be_in_viewport()
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")
    expect(steps.nth(1)).not_to_have_class(re.compile("done"))
    give(visitor, voice=files.voice)
    expect(steps.nth(1)).to_have_class(re.compile("done"))
    at(visitor, "generate").click()
    expect(visitor.get_by_role("heading", name="Video")).to_be_in_viewport()
    at(visitor, 'progress [data-state="done"]').wait_for()
    expect(steps.nth(2)).to_have_class(re.compile("done"))
    assert beyond_the_screen(visitor) == []
