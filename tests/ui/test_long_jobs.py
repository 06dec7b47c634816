"""Before a video of more than half an hour, the page says what to do instead and asks."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from engines import registry
from engines.cost import CostModel
from studio.settings import Settings
from tests.fake_engine import FakeOptions, FakeWorld, spec_for
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, beyond_the_screen, give
from ui.app import build
from ui.tabs.animate import animate_tab

SLOW = "slow"
COST = CostModel(steps=1, stretch=1.0, step_gflop=1e9, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1)


def test_generate_asks_before_hours_of_work_on_a_phone_too(
    window: Page, tmp_path: Path, files: Files
) -> None:
    world = FakeWorld()
    spec = spec_for(SLOW, FakeOptions, world.engine(), cost=COST)
    settings = Settings(port=0, outputs=tmp_path / "outputs")
    with registry.registered(spec), served(settings, build(settings, [animate_tab(spec)])) as url:
        window.goto(url)
        at(window, "generate", SLOW).wait_for()
        agree(window, SLOW)
        give(window, files.portrait, files.voice, SLOW)
        expect(at(window, "voice-hint", SLOW)).to_contain_text("not practical on this processor")
        at(window, "generate", SLOW).click()
        expect(at(window, "long", SLOW)).to_contain_text("Use a shorter voice")
        expect(at(window, "generate", SLOW)).to_be_enabled()
        expect(at(window, "progress", SLOW)).to_contain_text("Ready")
        expect(window.locator(".toast-body")).to_have_count(0)
        assert world.loads == 0

        window.set_viewport_size({"width": 390, "height": 844})
        expect(at(window, "start-long", SLOW)).to_be_visible()
        assert beyond_the_screen(window) == []

        at(window, "start-long", SLOW).click()
        expect(at(window, "progress", SLOW)).to_contain_text("Done")
        expect(at(window, "long", SLOW)).to_be_hidden()
        assert world.loads == 1
