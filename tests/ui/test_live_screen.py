"""What the screen of the tab Live says and offers, with a session that the test drives."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from ui.components.filled import filled
from ui.tabs.live.layout import SCRIPTS
from ui.tabs.live.words import BUTTONS, DONE, PROBLEMS, STATES
from ui.theme import script

DRIVEN = """
window.calls = [];
openSound = () => null;
liveSession = (context, shown, source, ask, on) => {
    window.on = on; // what a session tells the screen
    const tell = (name) => (...what) => calls.push([name, ...what]);
    const stop = () => on.ended(null, null, window.lingers);
    return new Proxy({}, { get: (_, name) => name === "stop" ? stop : tell(name) });
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


def problem(page: Page) -> Locator:
    return page.locator('[data-live="problem"]')


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


def record(page: Page) -> None:
    """Begin a recording."""
    page.evaluate("on.state('live')")
    button(page, "record").click()
    expect(button(page, "record")).to_be_disabled()  # until the server answers
    page.evaluate("on.event({ type: 'recording' })")
    expect(button(page, "record")).to_have_text("Stop recording")


def fail(page: Page, code: str) -> None:
    page.evaluate(
        "(error) => { on.problem(null, error); on.event(error); }",
        {"type": "error", "code": code, "message": "That failed.", "fatal": False},
    )


KEPT = {"type": "recorded", "address": "video.mp4", "notes": [{"message": "It is not signed."}]}
LOST = {"type": "error", "code": "not_written", "message": "The disk is full.", "fatal": False}


def become(page: Page, outcome: dict[str, Any], *, ends: bool = True) -> None:
    """What became of a recording. ends: it is the one that runs."""
    page.evaluate("([outcome, ends]) => on.outcome(outcome, ends)", [outcome, ends])


def test_a_recording_that_fails_is_over_and_never_promised(screen: Page) -> None:
    record(screen)
    fail(screen, "bad_option")  # of a slider
    expect(button(screen, "record")).to_have_text("Stop recording")
    become(screen, LOST)
    expect(button(screen, "record")).to_have_text("Record")
    expect(problem(screen)).to_have_text("The disk is full.")
    record(screen)
    button(screen, "record").click()
    fail(screen, "bad_message")  # it has ended already
    expect(button(screen, "record")).to_be_enabled()
    button(screen, "start").click()
    expect(problem(screen)).to_have_text("That failed.")
    assert screen.evaluate("calls.filter(([name]) => name === 'record')") == [
        ["record", True],
        ["record", True],
        ["record", False],
    ]


def test_a_recording_is_in_the_gallery_once_the_server_has_kept_it(screen: Page) -> None:
    record(screen)
    button(screen, "record").click()
    expect(button(screen, "record")).to_be_disabled()  # the server still writes
    become(screen, KEPT)
    expect(problem(screen)).to_have_text("The recording is in the gallery. Download It is not signed.")
    expect(button(screen, "record")).to_have_text("Record")


@pytest.mark.parametrize(
    ("outcome", "says"),
    [(KEPT, "The recording is in the gallery. Download It is not signed."), (LOST, "The disk is full.")],
)
def test_after_stop_the_page_says_what_became_of_the_recording(
    screen: Page, outcome: dict[str, Any], says: str
) -> None:
    record(screen)
    screen.evaluate("window.lingers = true")
    button(screen, "start").click()
    expect(problem(screen)).to_contain_text("is being finished")
    become(screen, outcome)
    expect(problem(screen)).to_have_text(says)
    expect(button(screen, "start")).to_have_text("Start")


def test_an_error_that_ends_the_session_is_shown_with_what_became_of_the_recording(screen: Page) -> None:
    why = {"message": "The engine failed."}
    for outcome, says in ((KEPT, "The recording is in the gallery. Download"), (LOST, "The disk is full.")):
        record(screen)
        become(screen, outcome)
        screen.evaluate("(why) => on.ended(null, why, false)", why)
        expect(problem(screen)).to_contain_text("The engine failed.")
        expect(problem(screen)).to_contain_text(says)
        button(screen, "start").click()
    record(screen)
    screen.evaluate("on.ended('lost', null, false)")
    expect(problem(screen)).to_contain_text("connection to the server is lost")
    expect(problem(screen)).to_contain_text("in the gallery, unless the server could not write it")


def test_after_a_gap_the_recording_before_it_is_told_of_beside_what_to_do(screen: Page) -> None:
    record(screen)
    screen.evaluate("on.state('reconnecting'); on.event({ type: 'ready', notes: [] })")
    expect(problem(screen)).to_contain_text("ended the recording. To record what follows, press Record.")
    become(screen, KEPT, ends=False)
    expect(problem(screen)).to_contain_text("To record what follows, press Record.")
    expect(problem(screen)).to_contain_text("in the gallery. Download")
    record(screen)
    become(screen, LOST, ends=False)
    expect(button(screen, "record")).to_have_text("Stop recording")


def test_muting_recording_and_a_running_session_can_be_seen(screen: Page) -> None:
    screen.evaluate("on.state('live'); on.delay(180)")
    expect(screen.locator('[data-live="delay"]')).to_have_text("180 ms")
    button(screen, "mute").click()
    expect(button(screen, "mute")).to_have_text("Unmute")
    screen.evaluate("on.delay(180)")
    expect(screen.locator('[data-live="delay"]')).to_have_text("–")
    screen.evaluate("on.event({ type: 'recording', seconds: 600 })")
    expect(screen.locator('[data-live="recorded"]')).to_contain_text("/ 10:00")
    button(screen, "start").click()
    expect(screen.locator('[data-live="recording"]')).to_be_hidden()
    expect(button(screen, "mute")).to_have_text("Mute")
