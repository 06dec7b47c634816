"""The cards of the compare tab: what a column is made with."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from media.errors import OptionError
from studio.settings import Settings
from tests.ui.compare_cards import TAB, choose, open_options
from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.test_overlapping_looks import Slow
from tests.ui.visit import at
from ui.tabs.compare import handlers
from ui.tabs.compare.columns import columns_of

TABS = (ENGINE, TAB, "gallery")


@pytest.fixture
def tab(visitor: Page) -> Page:
    """A visitor on the tab."""
    visitor.get_by_role("tab", name="Compare").click()
    at(visitor, "start", TAB).wait_for()
    return visitor


def test_a_slow_answer_about_the_values_before_does_not_replace_the_heading(
    tab: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    strength = open_options(tab, 1)
    heading = at(tab, "title-1 code", TAB)
    expect(heading).to_have_text("rehearsal")
    tab.get_by_role("tab", name="Gallery").click()
    told = Slow(handlers.title_html, lambda number, *_: number == 1)
    monkeypatch.setattr(handlers, "title_html", told)
    tab.get_by_role("tab", name="Compare").click()
    assert told.began.wait(30)
    strength.press("ArrowRight")
    # A timer that ends after the card's own, which collects changes for 150 ms.
    tab.evaluate("() => new Promise((resolve) => setTimeout(resolve, 200))")
    with tab.expect_response("**/run/predict*"):
        told.go()
    tab.evaluate("() => new Promise(requestAnimationFrame)")  # the answer is shown by then
    expect(heading).to_have_text("rehearsal,strength=1.25")


def test_a_card_keeps_its_choices_for_each_engine_and_reports_what_cannot_be(tab: Page) -> None:
    heading = at(tab, "title-1", TAB)
    open_options(tab, 1).press("ArrowRight")
    card = at(tab, "settings-1", TAB)
    card.get_by_label("Mirror").check()
    expect(heading.locator("code")).to_have_text("rehearsal,strength=1.25,mirror=true")
    choose(tab, "engine", 1, ENCORE)
    expect(heading.locator("code")).to_have_text("encore")
    expect(card.get_by_label("Mirror")).not_to_be_checked()
    choose(tab, "engine", 1, ENGINE)
    expect(heading.locator("code")).to_have_text("rehearsal,strength=1.25,mirror=true")
    expect(card.get_by_label("Mirror")).to_be_checked()
    expect(card.locator("input[type=number]").first).to_have_value("1.25")

    expect(card.get_by_label("Smile").first).to_be_visible()
    at(tab, "mode", TAB).get_by_label("Animal", exact=True).click()
    expect(card.get_by_label("Smile").first).to_be_hidden()

    card.get_by_text("More options").click()
    card.get_by_label("Very lively").check()
    frames = at(tab, "card-1-option-fps input[type=number]", TAB)
    frames.fill("61")
    expect(heading).to_contain_text("12 to 60")
    frames.fill("30")
    expect(heading.locator("code")).to_have_text(
        "rehearsal,strength=1.25,mirror=true,mood=very_lively,fps=30"
    )
    card.get_by_role("button", name="Back to the preset").click()
    expect(heading.locator("code")).to_have_text("rehearsal")
    expect(card.get_by_label("Calm")).to_be_checked()


@pytest.mark.parametrize(
    "value",
    [
        None,
        "preview",
        {"engine": "preview"},
        {"engine": ["preview"], "preset": "", "options": {}},
        {"engine": "unknown", "preset": "", "options": {}},
        {"engine": "preview", "preset": "../natural", "options": {}},
        {"engine": "preview", "preset": "", "options": {"model_dump": 1}},
        {"engine": "preview", "preset": "", "options": {"blink_rate": {"a": 1}}},
    ],
)
def test_settings_that_no_card_sends_are_refused(value: object) -> None:
    with pytest.raises(OptionError):
        columns_of(1, [value], Settings().presets)
