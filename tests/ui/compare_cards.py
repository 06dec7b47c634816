"""The cards of the compare tab, for tests."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.ui.visit import at

TAB = "compare"


def choose(page: Page, part: str, column: int, name: str) -> None:
    """Choose a column's engine or preset from its list."""
    settings = at(page, f"settings-{column}", TAB)
    expect(settings.locator("[data-ready]")).to_have_count(1)
    settings.locator(f"select.card-{part}:not([hidden])").select_option(name)


def open_options(page: Page, column: int) -> Locator:
    """Open a column's options. Returns its slider of the strength."""
    settings = at(page, f"settings-{column}", TAB)
    expect(settings.locator("[data-ready]")).to_have_count(1)
    settings.get_by_text("Options", exact=True).click()
    return at(page, f"card-{column}-option-strength input[type=range]", TAB)
