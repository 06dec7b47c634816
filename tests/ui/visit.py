"""A running page, a visitor's files, and a visitor's usual actions."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Route, expect

from studio.settings import Settings
from tests.ui.rehearsal import ENGINE, Rehearsal
from ui.element_ids import PAGE

PATIENCE = 30_000
"""Milliseconds until something that never comes fails a test; a busy machine may be slow."""


@dataclass(frozen=True)
class Site:
    """A running page and what belongs to it."""

    url: str
    page: gr.Blocks
    settings: Settings
    rehearsal: Rehearsal

    def videos(self) -> list[Path]:
        """Every file in the outputs folder that is, or was to become, a video; not the kept inputs of one."""
        # Unlike rglob, walk bears folders that the server removes meanwhile.
        found = (Path(folder, name) for folder, _, names in os.walk(self.settings.outputs) for name in names)
        kept = self.settings.outputs / "projects"
        return [path for path in found if ".sqlite" not in path.name and kept not in path.parents]

    def reset(self) -> None:
        """An engine that does not wait, and no videos of an earlier test."""
        self.rehearsal.reset()
        for video in self.videos():
            video.unlink(missing_ok=True)

    def wait_until_no_video(self, seconds: float = PATIENCE / 1000) -> None:
        """Wait until the outputs folder holds no video and no part of one."""
        deadline, pause = time.monotonic() + seconds, threading.Event()
        while self.videos() and time.monotonic() < deadline:
            pause.wait(0.02)
        assert self.videos() == []


@dataclass(frozen=True)
class Files:
    """Inputs on disk. The rehearsed engine takes as long as the voice lasts, until the test frees it."""

    folder: Path
    portrait: Path
    couple: Path
    cat: Path
    text: Path
    voice: Path
    ten_seconds: Path
    half_a_minute: Path
    long_voice: Path
    silence: Path


def watch_policy(context: BrowserContext) -> list[str]:
    """What the pages of a browser try against their Content-Security-Policy, in a list that grows."""
    context.add_init_script(
        """addEventListener("securitypolicyviolation", (event) => console.error(
            "POLICY", event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber));"""
    )
    broken: list[str] = []

    def note(said: ConsoleMessage) -> None:
        if said.text.startswith("POLICY"):
            broken.append(said.text)

    context.on("console", note)
    return broken


INPUTS = re.compile(r"(portrait|voice|text|consent|seed|dice|reset-picks)\b")
"""What the page has once, for all tabs."""


def at(page: Page, part: str, engine: str = ENGINE) -> Locator:
    """An element by its name, and what may follow in a selector: "portrait img".

    engine: whose tab it is in; portrait, voice, consent and seed are in none.
    """
    return page.locator(f"#{PAGE if INPUTS.match(part) else engine}-{part}")


def open_page(context: BrowserContext, site: Site, *, consent: bool = True) -> Page:
    """Open the page and wait until it can be used."""
    page = context.new_page()
    open_in(page, site, consent=consent)
    return page


def open_in(page: Page, site: Site, *, consent: bool = True) -> None:
    """Open the page in a window that is there, and wait until it can be used."""
    page.goto(site.url)
    at(page, "generate").wait_for()
    if consent:
        agree(page)


def agree(page: Page, engine: str = ENGINE) -> None:
    """Tick the consent box, and go back to the top; it applies to every tab."""
    at(page, "consent input").check()
    page.evaluate("scrollTo(0, 0)")


def open_tab(page: Page, name: str, engine: str) -> None:
    """Go to another tab and wait until it can be used."""
    page.get_by_role("tab", name=name).click()
    at(page, "generate", engine).wait_for()
    agree(page, engine)


def unfold(page: Page, engine: str = ENGINE) -> None:
    """Open the fold with a tab's options, if it is closed."""
    inside = at(page, "defaults", engine)
    if not inside.is_visible():
        at(page, "options button.label-wrap", engine).first.click()
    inside.wait_for()


def preset_choice(page: Page, name: str, engine: str = ENGINE) -> Locator:
    """The choice of a preset."""
    return at(page, "preset", engine).get_by_label(name, exact=True)


def give(page: Page, portrait: Path | None = None, voice: Path | None = None, engine: str = ENGINE) -> None:
    """Upload a portrait and a voice in the place of earlier ones, and wait until the page shows them."""
    if portrait is not None:
        take_away(page, "portrait", "Remove Image")
        at(page, "portrait input[type=file]", engine).set_input_files(portrait)
        # A click on a picture that has not arrived would be lost.
        expect(at(page, "portrait img", engine)).to_have_js_property("complete", True)
    if voice is not None:
        take_away(page, "voice", "Clear")
        at(page, "voice input[type=file]", engine).set_input_files(voice)
        loaded = at(page, "voice", engine).locator(".waveform-container, audio")
        loaded.first.wait_for(state="attached")


def take_away(page: Page, part: str, button: str) -> None:
    """Remove the portrait or the voice, if there is one."""
    there = at(page, part).get_by_label(button)
    if there.count():
        there.first.click()
        at(page, f"{part} input[type=file]").wait_for(state="attached")


@contextmanager
def held(page: Page, address: str) -> Iterator[None]:
    """Requests to an address, as "**/run/predict*", wait until this ends, as on a slow network."""
    waiting: list[Route] = []
    held = True
    page.route(address, lambda route: waiting.append(route) if held else route.continue_())
    with page.expect_request(address):
        yield
    held = False
    for route in waiting:
        route.continue_()
    page.unroute(address)


def replace_voice(page: Page, voice: Path) -> None:
    """Take the voice away and upload another one."""
    at(page, "voice").get_by_label("Clear").click()
    give(page, voice=voice)


def finish(page: Page, engine: str = ENGINE, button: str = "generate", patience: float = PATIENCE) -> None:
    """Generate, and wait for the video; an earlier one does not count."""
    video = at(page, "result video", engine)
    before = video.first.get_attribute("src") if video.count() else None
    at(page, button, engine).click()
    page.wait_for_function(
        """([engine, before]) => {
            const video = document.querySelector(`#${engine}-result video`);
            const done = document.querySelector(`#${engine}-progress [data-state="done"]`);
            const file = video && !video.src.startsWith("blob:");  // not the pieces that came before it
            return done && file && video.getAttribute("src") !== before;
        }""",
        arg=[engine, before],
        timeout=patience,
    )


def beyond_the_screen(page: Page) -> list[str]:
    """Elements that are wider than the window and cannot be scrolled to. The page cuts them off, so that it
    does not scroll sideways either.
    """
    found: list[str] = page.evaluate(
        """() => {
            const scrolls = (element) => {
                for (let up = element.parentElement; !up.matches(".gradio-container"); up = up.parentElement)
                    if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return true;
                return false;
            };
            const cut = ({ left, right, width, height }) =>
                width > 1 && height > 1 && (left < -1 || right > innerWidth + 1);
            return [...document.querySelectorAll(".gradio-container *")]
                .filter((element) => cut(element.getBoundingClientRect()))
                .filter((element) => element.checkVisibility({ visibilityProperty: true }))
                .filter((element) => !scrolls(element))
                .map((element) => `${element.tagName} ${element.id} ${element.className}`);
        }"""
    )
    return found
