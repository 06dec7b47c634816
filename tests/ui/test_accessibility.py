"""axe-core on every tab: light and dark, English and Chinese, on a wide screen and on a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from studio.settings import Settings
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, finish, give
from ui.app import all_tabs, build
from ui.tabs.dub.screen import DUB, NAMES

QUICK = "preview"
CLIP = Path(__file__).resolve().parents[2] / "examples" / "clips" / "example.mp4"
SERIOUS = ("serious", "critical")
OPEN_TAB = "[...document.querySelectorAll('[role=tabpanel]')].find((one) => one.checkVisibility())"
CHECK = """async () => {
    const found = await axe.run(%s, {resultTypes: ["violations"], preload: false});
    const why = (node) => [...node.any, ...node.all, ...node.none].map(({message}) => message).join("; ");
    return found.violations.flatMap(({id, impact, nodes}) => nodes.map(node =>
        ({id, impact, target: node.target.flat().join(" "), html: node.html, why: why(node)})));
}"""
LOOKS = ((1280, False, "EN"), (390, True, "中文"))
"""Width, dark and language, each of them both ways: each look at a tab costs a second."""
MORE_LOOKS = ((1280, True, "中文"), (390, False, "中文"), (390, True, "EN"))
"""With the first of LOOKS, every two of width, dark and language come together."""
CHANGE_THEME = "dark => document.body.classList.toggle('dark', dark)"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("accessibility"))
    with served(settings, build(settings)) as url:
        yield url


def found(page: Page, context: str) -> list[dict[str, Any]]:
    """The serious findings of axe in a part of the page, given as a JavaScript expression."""
    every: list[dict[str, Any]] = page.evaluate(CHECK % context)
    return [one for one in every if one["impact"] in SERIOUS]


def test_no_tab_has_a_serious_finding(window: Page, url: str, files: Files) -> None:
    look(window, url, files, LOOKS)


def test_no_tab_has_a_serious_finding_in_other_looks(window: Page, url: str, files: Files) -> None:
    look(window, url, files, MORE_LOOKS)


def look(window: Page, url: str, files: Files, looks: Sequence[tuple[int, bool, str]]) -> None:
    """Fill the page as a visitor does, and look at every tab."""
    window.goto(url)
    at(window, "generate", QUICK).wait_for()
    # A made example plays at once and says what it is.
    example = at(window, "facts .made-example", QUICK)
    expect(example).to_contain_text("Example")
    window.wait_for_function("document.querySelector('.made-example video').currentTime > 0.1")
    expect(at(window, "result", QUICK)).to_be_hidden()
    agree(window)
    give(window, files.couple, files.voice)
    expect(at(window, "portrait-overlay button.face-box")).to_have_count(2)
    finish(window, QUICK)
    expect(example).to_have_count(0)  # it never stands beside the visitor's own video
    window.locator(f"[role=tab][data-tab-id={DUB}]").click()
    at(window, "video input[type=file]", NAMES).set_input_files(CLIP)
    at(window, "who", NAMES).get_by_label("A face that I click").check()
    expect(at(window, "still", NAMES).get_by_role("button", name="Face 1")).to_be_visible()
    window.add_style_tag(content="* { transition: none !important; }")  # no colour is half-way to another
    window.evaluate(Axe().axe_script)
    problems: dict[str, list[dict[str, Any]]] = {}
    for width, dark, language in looks:
        window.set_viewport_size({"width": width, "height": 900})
        window.evaluate(CHANGE_THEME, dark)
        window.get_by_role("button", name=language, exact=True).click()
        expect(window.locator("html")).to_have_attribute(
            "lang", re.compile("en" if language == "EN" else "zh")
        )
        for place, tab in enumerate(all_tabs()):
            window.locator(f"[role=tab][data-tab-id={tab.id}]").click()
            window.wait_for_function("() => !document.querySelector('.gradio-container .pending')")
            # What is around the tabs is the same for all of them.
            bad = found(window, "document.body" if not place else OPEN_TAB)
            for one in bad:
                where = f"{width} {'dark' if dark else 'light'} {language} {tab.id}"
                problems.setdefault(f"{one['id']} {one['target']}", []).append(one | {"where": where})
    assert not problems, json.dumps(
        [
            {
                "times": len(them),
                **{key: them[0][key] for key in ("id", "impact", "target", "html", "why", "where")},
            }
            for them in problems.values()
        ],
        indent=1,
        ensure_ascii=False,
    )
