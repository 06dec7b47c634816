"""A running page, the files a visitor brings, and what a visitor does over and over."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
from playwright.sync_api import BrowserContext, Page

from studio.settings import Settings
from tests.ui.rehearsal import Rehearsal

DONE = '#progress [data-state="done"]'
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
        """Every file in the outputs folder that is, or was to become, a video."""
        return [p for p in self.settings.outputs.rglob("*") if p.is_file() and ".sqlite" not in p.name]

    def reset(self) -> None:
        """An engine that does not wait, and no videos of an earlier test."""
        self.rehearsal.reset()
        for video in self.videos():
            video.unlink()

    def wait_until_no_video(self, seconds: float = PATIENCE / 1000) -> None:
        """Wait until the outputs folder holds no video and no part of one."""
        deadline, pause = time.monotonic() + seconds, threading.Event()
        while self.videos() and time.monotonic() < deadline:
            pause.wait(0.02)
        assert self.videos() == []


@dataclass(frozen=True)
class Files:
    """Inputs on disk."""

    folder: Path
    portrait: Path
    couple: Path
    cat: Path
    text: Path
    voice: Path
    long_voice: Path
    silence: Path


def open_page(context: BrowserContext, site: Site) -> Page:
    """Open the page and wait until it can be used."""
    page = context.new_page()
    page.goto(site.url)
    page.locator("#generate").wait_for()
    return page


def give(page: Page, portrait: Path | None = None, voice: Path | None = None) -> None:
    """Upload a portrait and a voice, and wait until the page shows them."""
    if portrait is not None:
        page.locator("#portrait input[type=file]").set_input_files(portrait)
        page.locator("#portrait img").wait_for(state="attached")
    if voice is not None:
        page.locator("#voice input[type=file]").set_input_files(voice)
        page.locator("#voice .waveform-container, #voice audio").first.wait_for(state="attached")


def replace_voice(page: Page, voice: Path) -> None:
    """Take the voice away and upload another one."""
    page.locator("#voice").get_by_label("Clear").click()
    give(page, voice=voice)


def finish(page: Page) -> None:
    """Generate, and wait for the video; an earlier one does not count."""
    video = page.locator("#result video")
    before = video.first.get_attribute("src") if video.count() else None
    page.locator("#generate").click()
    page.wait_for_function(
        """([done, before]) => {
            const video = document.querySelector("#result video");
            return document.querySelector(done) && video && video.getAttribute("src") !== before;
        }""",
        arg=[DONE, before],
        timeout=PATIENCE,
    )
