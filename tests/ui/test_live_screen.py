"""What the screen of the tab Live says and offers, with a session that the test drives."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from ui.components.filled import filled
from ui.tabs.live.layout import SCRIPTS
from ui.tabs.live.words import BUTTONS, DONE, PROBLEMS, STATES
from ui.theme import script

DRIVEN = """
window.asked = [];
openSound = () => null;
liveSession = (context, shown, source, ask, on) => {
    window.on = on; // what a session tells the screen
    const tell = (name) => (...what) => asked.push([name, ...what]);
    return new Proxy({}, { get: (_, name) => name === "stop" ? () => on.ended(null, null) : tell(name) });
};
"""


@pytest.fixture
def screen(window: Page) -> Page:
    """The tab without its server, and a session that was started."""
    words = list((STATES | PROBLEMS | DONE | BUTTONS).items())
    page = filled("live.html", hints=(), statement="I agree.", records=True, words=words)
    window.set_content(f'<base href="http://localhost/"><div id="live-stage">{page}</div>')
    source = "\n".join([*map(script, SCRIPTS), DRIVEN])
    run = "(source) => new Function('element', 'trigger', source)(document.querySelector('#live-stage'))"
    window.evaluate(run, source)
    window.locator("#live-start").click()
    return window


def button(page: Page, name: str) -> Locator:
    return page.locator(f"#live-{name}")


def test_buttons_that_need_a_connection_wait_for_one(screen: Page) -> None:
    for word in ("connecting", "reconnecting"):
        screen.evaluate("(word) => on.state(word)", word)
        expect(button(screen, "interrupt")).to_be_disabled()
        expect(button(screen, "record")).to_be_disabled()
        expect(button(screen, "again")).to_be_hidden()
        expect(button(screen, "mute")).to_be_enabled()  # the microphone is open
        screen.evaluate("on.state('finished')")
        expect(button(screen, "interrupt")).to_be_enabled()
        expect(button(screen, "record")).to_be_enabled()
        expect(button(screen, "again")).to_be_visible()
