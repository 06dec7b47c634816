"""A page on a free port with an engine that the test controls, and a headless Chromium to visit it."""

from __future__ import annotations

import os
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from skimage import data

from engines import registry
from studio.settings import Settings
from tests.ui.rehearsal import ENCORE, ENGINE, Rehearsal
from tests.ui.seat import Seat, new_context
from tests.ui.visit import PATIENCE, Files, Site, open_in, watch_policy
from ui.app import build, launch_options
from ui.tabs.animate import animate_tab
from ui.tabs.compare import compare_tab
from ui.tabs.gallery import gallery_tab

FEATURES_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    # Chromium heeds the last list only, so those that Playwright turns off are here again.
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay",
    "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)  # fmt: skip
"""Chromium draws the suggestions of its address bar as two pages of their own, in every window that it opens.
They would cost a visit as much as the page does."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=" + ",".join(FEATURES_OFF),
)


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
    _write_wave(folder / "half_a_minute.wav", np.tile(tone, 15))
    _write_wave(folder / "long.wav", np.tile(tone, 60))
    _write_wave(folder / "silence.wav", np.zeros(16_000))
    return Files(
        folder=folder,
        portrait=folder / "woman.png",
        couple=folder / "couple.png",
        cat=folder / "cat.png",
        text=folder / "text.png",
        voice=folder / "voice.wav",
        half_a_minute=folder / "half_a_minute.wav",
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
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A page with every kind of tab, or with those that a file of tests names in its `TABS`: a page of one
    tab opens in two thirds of the time.
    """
    folder = tmp_path_factory.mktemp("site")
    presets = folder / "presets" / ENGINE
    presets.mkdir(parents=True)
    (presets / "strong.yaml").write_text("description: Much.\noptions:\n  strength: 1.75\n  mirror: true\n")
    (presets / "pet.yaml").write_text("description: A pet.\noptions:\n  animation_mode: animal\n")
    settings = Settings(port=0, outputs=folder / "outputs", presets=folder / "presets")
    rehearsal = Rehearsal()
    rehearsal.reset()
    plain, encore = rehearsal.specs()
    with (
        registry.registered(plain),
        registry.registered(encore),
    ):
        tabs = [
            animate_tab(plain),
            animate_tab(encore),
            compare_tab((ENGINE, ENCORE)),
            gallery_tab(),
        ]
        wanted = getattr(request.module, "TABS", [tab.id for tab in tabs])
        page = build(settings, [tab for tab in tabs if tab.id in wanted])
        arguments: dict[str, Any] = launch_options(settings, page)
        _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **arguments)
        yield Site(url, page, settings, rehearsal)
        page.close(verbose=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while it is open an event loop runs here, which other tests cannot bear."""
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
    """A browser of one's own; whatever a test does with it, the page keeps to its Content-Security-Policy."""
    context = new_context(browser)
    broken = watch_policy(context)
    yield context
    context.close()
    assert broken == []


@pytest.fixture(scope="module")
def seat(browser: Browser) -> Iterator[Seat]:
    seat = Seat(browser)
    yield seat
    seat.close()


@pytest.fixture
def visitor(seat: Seat, site: Site) -> Iterator[Page]:
    """A visitor who has just opened the page; nothing is left of the one before."""
    site.reset()
    page = seat.page()
    open_in(page, site)
    yield page
    seat.leave(site)
    assert seat.broken == []
