"""The real page with the engine JoyVASA: without weights, and with random ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engines import registry
from engines.joyvasa.weights import catalogue as weights
from engines.joyvasa.weights.random_weights import synthesize
from studio.settings import Settings
from tests.conftest import write_voice
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, beyond_the_screen, finish, give, open_tab, unfold
from ui.app import build
from ui.components.examples import example_portraits
from ui.tabs.animate import animate_tab
from ui.tabs.animate.screen import QUICK_ENGINE
from ui.tabs.dub import dub_tab

JOYVASA = "joyvasa"
SLOW = 120_000
"""Milliseconds for a video of networks on a busy machine."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of weights, used by the page and the engine."""
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    yield tmp_path
    registry.unload(JOYVASA)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(port=0, outputs=tmp_path_factory.mktemp("outputs"))


@pytest.fixture(scope="module")
def url(settings: Settings) -> Iterator[str]:
    with served(
        settings, build(settings, [animate_tab(registry.spec_of(JOYVASA)), dub_tab((QUICK_ENGINE, JOYVASA))])
    ) as url:
        yield url


@pytest.fixture
def tab(window: Page, url: str, root: Path) -> Page:
    window.goto(url)
    open_tab(window, "JoyVASA", JOYVASA)
    return window


def test_missing_weights_are_reported_and_the_page_continues_and_shows_the_crop(
    tab: Page, files: Files
) -> None:
    panel = at(tab, "weights", JOYVASA)
    expect(panel.locator(".problem")).to_contain_text("This tab cannot make videos yet")
    expect(panel.locator(".get-engine")).to_contain_text("python cli.py weights download joyvasa")
    for told in ("InsightFace", "X-Pose", "MediaPipe", "not for commercial use", "--only animal"):
        expect(panel).to_contain_text(told)
    expect(panel.locator(".random-weights")).to_have_count(0)
    panel.locator("summary").first.click()
    row = panel.locator(".weight-group").filter(has_text="human portraits")
    row.locator("summary").click()
    for file in weights.FILES:
        if weights.HUMAN in file.groups:
            expect(row).to_contain_text(file.path)
    expect(row.locator("a").first).to_have_attribute("href", "https://huggingface.co/jdh-algo/JoyVASA")
    size = tab.viewport_size
    assert size is not None
    tab.set_viewport_size({"width": 390, "height": 844})
    assert beyond_the_screen(tab) == []
    tab.set_viewport_size(size)

    tab.get_by_role("tab", name="Dub").click()
    expect(at(tab, "start", "dub")).to_be_enabled()
    at(tab, "engine", "dub").get_by_label("JoyVASA").check()
    expect(at(tab, "why", "dub")).to_contain_text("“Dub” is off until you get JoyVASA")
    expect(at(tab, "start", "dub")).to_be_disabled()
    expect(at(tab, "joyvasa-preset", "dub").get_by_label("Balanced")).to_be_checked()
    at(tab, "why", "dub").get_by_role("button", name="Get JoyVASA").click()
    expect(panel.locator(".get-engine")).to_be_visible()
    tab.get_by_role("tab", name="Dub").click()
    at(tab, "why", "dub").get_by_role("button", name="Use Express").click()
    expect(at(tab, "start", "dub")).to_be_enabled()
    expect(at(tab, "preview-preset", "dub")).to_be_visible()
    tab.get_by_role("tab", name="JoyVASA").click()

    give(tab, files.portrait, files.voice, JOYVASA)
    expect(at(tab, "generate", JOYVASA)).to_be_disabled()
    expect(at(tab, "why", JOYVASA)).to_contain_text("until you get JoyVASA")
    expect(at(tab, "again", JOYVASA)).to_be_disabled()

    expect(panel).to_contain_text("Until then, the button “Preview”")
    expect(at(tab, "voice-hint", JOYVASA)).to_contain_text("2.0 s of voice. The video will take")
    finish(tab, JOYVASA, "preview")
    expect(at(tab, "facts", JOYVASA)).to_contain_text("Express")
    expect(at(tab, "again", JOYVASA)).to_be_disabled()

    outline = at(tab, "portrait-overlay .crop-outline", JOYVASA)
    expect(outline).to_be_visible()
    picture = at(tab, "portrait-hint .crop-seen img", JOYVASA)
    expect(picture).to_be_visible()
    before = outline.get_attribute("data-corners") or ""
    unfold(tab, JOYVASA)
    at(tab, "more-options", JOYVASA).locator("button").first.click()
    scale = at(tab, "option-scale input[type=range]", JOYVASA)
    expect(scale).to_be_visible()  # the fold opens by and by, and what is hidden takes no key
    scale.press("ArrowRight")
    expect(outline).not_to_have_attribute("data-corners", before)


def test_a_video_with_random_weights_is_marked_and_rendered_again(
    tab: Page, root: Path, settings: Settings, files: Files
) -> None:
    for _ in synthesize(weights.folder(root), "tiny"):
        pass
    tab.reload()
    open_tab(tab, "JoyVASA", JOYVASA)
    panel = at(tab, "weights", JOYVASA)
    expect(panel.locator(".random-weights")).to_contain_text("Random weights")
    expect(panel.locator(".problem")).to_have_count(0)

    give(tab, files.portrait, write_voice(root / "short.wav", seconds=0.4), JOYVASA)
    finish(tab, JOYVASA, patience=SLOW)
    facts = at(tab, "facts", JOYVASA)
    expect(facts.locator(".random-weights")).to_have_text("Random weights")
    expect(facts).to_contain_text("320 \N{MULTIPLICATION SIGN} 320")
    motions = list(settings.outputs.glob("*.motion.safetensors"))
    assert len(motions) == 1

    expect(at(tab, "again", JOYVASA)).to_be_enabled()
    unfold(tab, JOYVASA)
    at(tab, "option-head_motion input[type=range]", JOYVASA).press("ArrowRight")
    finish(tab, JOYVASA, "again", patience=SLOW)
    expect(facts.locator(".random-weights")).to_have_text("Random weights")
    assert list(settings.outputs.glob("*.motion.safetensors")) == motions

    # An animal has networks of its own, and no smile.
    expect(at(tab, "option-smile", JOYVASA)).to_be_visible()
    cat = next(index for index, one in enumerate(example_portraits()) if one.animation_mode == "animal")
    at(tab, "portrait-examples button", JOYVASA).nth(cat).click()
    expect(at(tab, "portrait-overlay .face-point", JOYVASA)).to_have_count(3)
    expect(at(tab, "option-smile", JOYVASA)).to_be_hidden()
    finish(tab, JOYVASA, patience=SLOW)
    expect(facts).to_contain_text("450 \N{MULTIPLICATION SIGN} 300")


def test_a_recorded_performance_moves_the_portrait_without_a_voice(
    tab: Page, root: Path, files: Files
) -> None:
    for _ in synthesize(weights.folder(root), "tiny"):
        pass
    tab.reload()
    open_tab(tab, "JoyVASA", JOYVASA)
    take = root / "take.csv"
    take.write_text("time,JawOpen,HeadYaw\n" + "".join(f"{i / 25},{i / 20},{i}\n" for i in range(12)))
    fold = at(tab, "performance", JOYVASA)
    fold.locator("button.label-wrap").first.click()
    expect(fold).to_contain_text("motion template of LivePortrait")
    fold.locator("input[type=file]").set_input_files(take)
    expect(at(tab, "performance-file", JOYVASA)).to_contain_text("take")
    give(tab, files.portrait)
    agree(tab)
    finish(tab, JOYVASA, patience=SLOW)
    tab.wait_for_function("document.querySelector('#joyvasa-result video').duration < 0.6")
    expect(at(tab, "facts", JOYVASA)).to_contain_text("Random weights")
    finish(tab, JOYVASA, "preview")
    expect(at(tab, "facts", JOYVASA)).to_contain_text("Express")
    tab.wait_for_function("document.querySelector('#joyvasa-result video').duration < 0.6")
