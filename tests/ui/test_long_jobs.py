"""Before more than half an hour of work, the page says what to do instead and asks, and the API refuses."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import Page, expect

from engines.cost import CostModel
from studio.settings import Settings
from tests.fake_engine import FakeOptions, FakeWorld, registered, spec_for
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, beyond_the_screen, give
from ui.app import build
from ui.tabs.animate import animate_tab
from ui.tabs.animate.screen import QUICK_ENGINE
from ui.tabs.compare import compare_tab
from ui.tabs.compare.screen import COMPARE
from ui.tabs.dub import dub_tab
from ui.tabs.dub.screen import NAMES as DUB

SLOW = "slow"
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "clips" / "example.mp4"
COST = CostModel(steps=1, stretch=1.0, step_gflop=1e9, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1)


def test_generate_asks_before_hours_of_work_on_a_phone_too(
    window: Page, tmp_path: Path, files: Files
) -> None:
    world = FakeWorld()
    spec = spec_for(SLOW, FakeOptions, world.engine(), cost=COST, dubs=True)
    settings = Settings(port=0, outputs=tmp_path / "outputs")
    more = compare_tab((SLOW, QUICK_ENGINE)), dub_tab((QUICK_ENGINE, SLOW))
    with (
        registered(spec),
        served(settings, build(settings, [animate_tab(spec), *more])) as url,
    ):
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

        window.set_viewport_size({"width": 1280, "height": 800})
        window.get_by_role("tab", name="Compare").click()
        at(window, "start", COMPARE).click()
        expect(at(window, "long", COMPARE)).to_contain_text("The videos would take about")
        expect(at(window, "start", COMPARE)).to_be_enabled()
        assert at(window, "long", COMPARE).is_visible()
        world.meeting = threading.Barrier(2)  # the work stays where it is until the test ends it
        at(window, "start-long", COMPARE).click()
        expect(at(window, "progress", COMPARE)).to_contain_text("Column 1 of 2")
        expect(at(window, "long", COMPARE)).to_be_hidden()
        at(window, "cancel", COMPARE).click()
        world.meeting.abort()
        expect(at(window, "progress", COMPARE)).to_contain_text("Cancelled")

        window.get_by_role("tab", name="Dub").click()
        at(window, "video input[type=file]", DUB).set_input_files(EXAMPLE)
        expect(at(window, "about", DUB)).to_contain_text("25 frames/s")
        at(window, "engine", DUB).get_by_label("Slow").check()
        at(window, "start", DUB).click()
        expect(at(window, "long", DUB)).to_contain_text("The dub would take about")
        expect(at(window, "start", DUB)).to_be_enabled()
        at(window, "start-long", DUB).click()
        expect(window.locator(".toast-body").last).to_contain_text("This engine cannot dub")  # it has begun
        expect(at(window, "long", DUB)).to_be_hidden()

        client = Client(url, verbose=False)
        portrait, voice = handle_file(files.portrait), handle_file(files.voice)
        given = {"portrait": portrait, "voice": voice, "consent": True, "columns": [SLOW]}
        with pytest.raises(AppError, match="send accept_long=true"):
            client.predict(**given, api_name="/compare")
        with pytest.raises(AppError, match="stopped this column"):  # it has begun
            client.predict(**given, accept_long=True, api_name="/compare")
        asked = {"video": handle_file(EXAMPLE), "voice": voice, "consent": True, "engine": SLOW}
        with pytest.raises(AppError, match="send accept_long=true"):
            client.predict(**asked, api_name="/dub")
        client.close()

        world.meeting = None

        window.get_by_role("tab", name=SLOW.capitalize()).click()
        at(window, "start-long", SLOW).click()
        expect(at(window, "progress", SLOW)).to_contain_text("Done")
        expect(at(window, "long", SLOW)).to_be_hidden()
