"""The real page with the engine JoyHallo: without weights, and with random ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engines import registry
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.random_weights import synthesize
from studio.settings import Settings
from tests.conftest import write_voice
from tests.ui.served import served
from tests.ui.visit import Files, at, finish, give, open_tab, preset_choice, unfold
from ui.app import build
from ui.components.examples import example_portraits
from ui.tabs.animate import animate_tab

JOYHALLO = "joyhallo"
SLOW = 120_000
"""Milliseconds for a video of networks on a busy machine."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of weights, used by the page and the engine."""
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    yield tmp_path
    registry.unload(JOYHALLO)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("outputs"))
    tabs = [animate_tab(registry.spec_of(name)) for name in ("joyvasa", JOYHALLO)]
    with served(settings, build(settings, tabs)) as url:
        yield url


@pytest.fixture
def tab(window: Page, url: str, root: Path) -> Page:
    window.goto(url)
    open_tab(window, "JoyHallo", JOYHALLO)
    return window


def test_missing_weights_are_reported_there_is_no_mode_and_an_animal_stays_one_in_other_tabs(
    tab: Page, files: Files
) -> None:
    panel = at(tab, "weights", JOYHALLO)
    expect(panel.locator(".get-engine")).to_contain_text("python cli.py weights download joyhallo")
    for told in ("InsightFace", "not for commercial use", "MediaPipe finds the face"):
        expect(panel).to_contain_text(told)
    give(tab, files.portrait, files.voice, JOYHALLO)
    expect(at(tab, "generate", JOYHALLO)).to_be_disabled()
    expect(at(tab, "why", JOYHALLO)).to_contain_text("until you get JoyHallo")

    unfold(tab, JOYHALLO)
    expect(at(tab, "option-inference_steps", JOYHALLO)).to_be_visible()
    expect(at(tab, "animation-mode", JOYHALLO)).to_be_hidden()
    expect(at(tab, "again", JOYHALLO)).to_have_count(0)
    cat = next(number for number, one in enumerate(example_portraits()) if one.animation_mode == "animal")
    at(tab, "portrait-examples button").nth(cat).click()
    expect(at(tab, "portrait-hint")).to_contain_text("use an engine that animates animals: Express, JoyVASA.")
    tab.get_by_role("tab", name="JoyVASA").click()
    expect(at(tab, "portrait-overlay .face-point")).to_have_count(3)


def test_a_video_with_random_weights_is_marked(tab: Page, root: Path, files: Files) -> None:
    for _ in synthesize(weights.folder(root), "tiny"):
        pass
    tab.reload()
    open_tab(tab, "JoyHallo", JOYHALLO)
    expect(at(tab, "weights", JOYHALLO).locator(".random-weights")).to_contain_text("Random weights")
    give(tab, files.portrait, write_voice(root / "short.wav", seconds=0.4), JOYHALLO)
    preset_choice(tab, "Draft", JOYHALLO).check()
    unfold(tab, JOYHALLO)
    expect(at(tab, "option-inference_steps input[type=number]", JOYHALLO)).to_have_value("8")
    at(tab, "option-inference_steps input[type=number]", JOYHALLO).fill("2")
    finish(tab, JOYHALLO, patience=SLOW)
    facts = at(tab, "facts", JOYHALLO)
    expect(facts.locator(".random-weights")).to_have_text("Random weights")
    expect(facts).to_contain_text("320 \N{MULTIPLICATION SIGN} 320")
