"""A page on a free port with an engine that the test controls, and a headless Chromium to visit it."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from skimage import data

from tests.spread import unit
from tests.ui.seat import Chromium, new_context
from tests.ui.sites import Sites, by_page, wanted_page
from tests.ui.visit import Files, Site, open_in, watch_policy

CHROMIUM = Chromium()
SITES = Sites()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests for the workers, after tests/conftest.py did."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        by_page(items)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Close what files of tests share before those that do not share it: they may need an event loop of
    their own.
    """
    if nextitem is None or unit(nextitem.nodeid) != unit(item.nodeid):
        CHROMIUM.close()
        SITES.close()


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
    _write_wave(folder / "ten_seconds.wav", np.tile(tone, 5))
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
        ten_seconds=folder / "ten_seconds.wav",
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
    tab opens in two thirds of the time. With `ANSWER_SLIDERS`, moved sliders render two seconds. Files that
    want the same page share it.
    """
    wanted, answers = wanted_page(request.module)
    with SITES.site(tmp_path_factory.mktemp("site"), wanted, answer_sliders=answers) as site:
        yield site


@pytest.fixture
def browser() -> Browser:
    """The browser that test files share; `context` is a separate window in it."""
    return CHROMIUM.browser()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A separate window; whatever a test does with it, the page follows its Content-Security-Policy."""
    context = new_context(browser)
    broken = watch_policy(context)
    yield context
    context.close()
    assert broken == []


def seated(name: str) -> Iterator[Page]:
    seat = CHROMIUM.seat(name)
    yield seat.page()
    seat.leave()
    assert seat.broken == []


@pytest.fixture
def window() -> Iterator[Page]:
    """An empty page, for sites of a test's own; nothing is left of the visitor before."""
    yield from seated("visitor")


@pytest.fixture
def visitor(window: Page, site: Site) -> Page:
    """A visitor who has just opened the page."""
    site.reset()
    open_in(window, site)
    return window


@pytest.fixture
def stranger() -> Iterator[Page]:
    """The empty page of another person, in a window that shares nothing with the visitor's."""
    yield from seated("stranger")
