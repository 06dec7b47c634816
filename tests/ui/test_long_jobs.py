"""Before a video of more than half an hour, the page says what to do instead and asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from engines import registry
from engines.cost import CostModel
from studio.settings import Settings
from tests.fake_engine import FakeOptions, FakeWorld, spec_for
from tests.ui.seat import new_context
from tests.ui.visit import Files, agree, at, beyond_the_screen, give
from ui.app import build, launch_options
from ui.tabs.animate import animate_tab

SLOW = "slow"
COST = CostModel(steps=1, stretch=1.0, step_gflop=1e9, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1)


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.fixture
def tab(browser: Browser, tmp_path: Path, world: FakeWorld) -> Iterator[Page]:
    spec = spec_for(SLOW, FakeOptions, world.engine(), cost=COST)
    settings = Settings(port=0, outputs=tmp_path / "outputs")
    with registry.registered(spec):
        page = build(settings, [animate_tab(spec)])
        arguments: dict[str, Any] = launch_options(settings, page)
        _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **arguments)
        with new_context(browser) as context:
            visit = context.new_page()
            visit.goto(url)
            at(visit, "generate", SLOW).wait_for()
            agree(visit, SLOW)
            yield visit
        page.close(verbose=False)


def test_generate_asks_before_hours_of_work(tab: Page, world: FakeWorld, files: Files) -> None:
    give(tab, files.portrait, files.voice, SLOW)
    expect(at(tab, "voice-hint", SLOW)).to_contain_text("not practical on this processor")
    at(tab, "generate", SLOW).click()
    expect(at(tab, "long", SLOW)).to_contain_text("Use a shorter voice")
    expect(at(tab, "generate", SLOW)).to_be_enabled()
    expect(at(tab, "progress", SLOW)).to_contain_text("Ready")
    expect(tab.locator(".toast-body")).to_have_count(0)
    assert world.loads == 0

    at(tab, "start-long", SLOW).click()
    expect(at(tab, "progress", SLOW)).to_contain_text("Done")
    expect(at(tab, "long", SLOW)).to_be_hidden()
    assert world.loads == 1


def test_it_asks_on_a_phone(tab: Page, files: Files) -> None:
    give(tab, files.portrait, files.voice, SLOW)
    tab.set_viewport_size({"width": 390, "height": 844})
    at(tab, "generate", SLOW).click()
    expect(at(tab, "start-long", SLOW)).to_be_visible()
    assert beyond_the_screen(tab) == []
