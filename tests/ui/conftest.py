"""A page on a free port with an engine that the test controls, and a headless Chromium to visit it."""

from __future__ import annotations

import os
import shutil
import threading
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pydantic import Field
from skimage import data

from engines import registry
from engines.base import AnimationMode, Engine, EngineOptions, Frames
from media.portrait import Portrait
from media.speech import Speech
from studio.settings import Settings
from ui.page import animate_tab, build, launch_options

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)
ENGINE = "rehearsal"
PATIENCE = 30_000
"""Milliseconds until something that never comes fails a test; a busy machine may be slow."""


class RehearsalOptions(EngineOptions):
    """One option of every kind the form can draw."""

    animation_mode: AnimationMode = Field(
        "human", title="Animation mode", description="What the picture shows."
    )
    strength: float = Field(
        1.0, ge=0.0, le=2.0, title="Strength", description="How much.", json_schema_extra={"step": 0.25}
    )
    mirror: bool = Field(False, title="Mirror", description="Left becomes right.")
    mood: Literal["calm", "very_lively"] = Field(
        "calm", title="Mood", description="How it feels.", json_schema_extra={"advanced": True}
    )
    fps: int = Field(
        25, ge=12, le=60, title="Frames per second", description="Rate.", json_schema_extra={"advanced": True}
    )


@dataclass
class Rehearsal:
    """What the test tells the engine, and what the engine did. One job after the other."""

    go: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    crash: bool = False
    jobs: list[tuple[Portrait, EngineOptions, int]] = field(default_factory=list)
    batches: int = 0

    def reset(self) -> None:
        """Back to an engine that renders without waiting."""
        self.go.set()
        self.ended.clear()
        self.crash = False
        self.jobs.clear()
        self.batches = 0

    def engine(self) -> type[Engine]:
        """An engine class that obeys this rehearsal."""
        rehearsal = self

        class RehearsalEngine(Engine):
            name = ENGINE
            title = "Rehearsal"
            Options = RehearsalOptions

            def animate(
                self, portrait: Portrait, speech: Speech, options: EngineOptions, seed: int
            ) -> Iterator[Frames]:
                rehearsal.jobs.append((portrait, options, seed))
                total, size = speech.frames(options.fps), 5
                try:
                    for start in range(0, total, size):
                        if start >= size:
                            rehearsal.go.wait(0.05)  # a slow engine until told to go on
                        if rehearsal.crash:
                            raise RuntimeError("secret detail of the machine")
                        rehearsal.batches += 1
                        yield np.repeat(portrait.image[None], min(size, total - start), axis=0)
                finally:
                    rehearsal.ended.set()

        return RehearsalEngine


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


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("inputs")
    woman = data.astronaut()[:320, 60:380]
    Image.fromarray(woman).save(folder / "woman.png")
    smaller = np.asarray(Image.fromarray(woman).resize((260, 260)))
    couple = np.full((320, 620, 3), 128, np.uint8)
    couple[:, :320] = woman
    couple[30:290, 340:600] = smaller
    Image.fromarray(couple).save(folder / "couple.png")
    Image.fromarray(data.chelsea()).save(folder / "cat.png")
    (folder / "text.png").write_text("This is a text.", encoding="utf-8")
    t = np.arange(16_000 * 2) / 16_000
    tone = 0.4 * np.sin(2 * np.pi * 180 * t) * (1 + np.sin(2 * np.pi * 3 * t)) / 2
    _write_wave(folder / "voice.wav", tone)
    _write_wave(folder / "long.wav", np.tile(tone, 60))
    _write_wave(folder / "silence.wav", np.zeros(16_000))
    return Files(
        folder=folder,
        portrait=folder / "woman.png",
        couple=folder / "couple.png",
        cat=folder / "cat.png",
        text=folder / "text.png",
        voice=folder / "voice.wav",
        long_voice=folder / "long.wav",
        silence=folder / "silence.wav",
    )


def _write_wave(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((samples * 32_000).astype("<i2").tobytes())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    presets = folder / "presets" / ENGINE
    presets.mkdir(parents=True)
    (presets / "strong.yaml").write_text("description: Much.\noptions:\n  strength: 1.75\n  mirror: true\n")
    (presets / "pet.yaml").write_text("description: A pet.\noptions:\n  animation_mode: animal\n")
    settings = Settings(outputs=folder / "outputs", presets=folder / "presets")
    rehearsal = Rehearsal()
    rehearsal.reset()
    with registry.registered(ENGINE, RehearsalOptions, rehearsal.engine()):
        page = build(settings, [animate_tab(ENGINE, "Rehearsal")])
        arguments: dict[str, Any] = launch_options(settings) | {"server_port": None}
        _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **arguments)
        yield Site(url, page, settings, rehearsal)
        page.close(verbose=False)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def visitor(context: BrowserContext, site: Site) -> Page:
    """A visitor who has just opened the page."""
    site.reset()
    return open_page(context, site)


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
