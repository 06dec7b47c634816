"""A recorded performance on the page, in a real browser with the preview engine."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import Locator, Page, expect

from engines import registry
from media.errors import OptionError
from studio.gallery.kept_inputs import FOLDER
from studio.given_performance import GivenPerformance
from studio.settings import Settings
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, beyond_the_screen, finish, give
from ui.app import build
from ui.components.long_job import one_video
from ui.components.recorded_performance import build_recorded_performance
from ui.components.second_voice import build_second_voice
from ui.element_ids import PAGE, ElementIds
from ui.tabs.animate import animate_tab
from ui.tabs.gallery import gallery_tab
from ui.tabs.gallery.screen import GALLERY
from ui.uploads import uploads_folder

PREVIEW = "preview"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(port=0, outputs=tmp_path_factory.mktemp("outputs"))


@pytest.fixture(scope="module")
def url(settings: Settings) -> Iterator[str]:
    tabs = [animate_tab(registry.spec_of(PREVIEW)), gallery_tab()]
    with served(settings, build(settings, tabs)) as url:
        yield url


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """A performance of one second."""
    path = tmp_path / "take.csv"
    path.write_text("time,JawOpen,HeadYaw\n" + "".join(f"{i / 25},{0.3 * (i % 3)},0.05\n" for i in range(26)))
    return path


def test_the_work_before_generating_knows_the_performance(take: Path) -> None:
    with gr.Blocks():
        second = build_second_voice(ElementIds(PAGE))
        recorded = build_recorded_performance(ElementIds("joyvasa"), templates=True)
    assert ".pkl" in recorded.file.file_types
    jobs, more = one_video("joyvasa", {}, second, recorded.named)
    assert more == [*second.given, *recorded.named.values()]
    no_second = ("one", None, None, None)
    (job,) = jobs(Path("a.png"), None, *no_second, str(take), "25", "deg", "file")
    assert job.performance == GivenPerformance(file=take, rate="25", angles="deg")
    assert job.voice is None
    with pytest.raises(OptionError, match="there is none"):
        jobs(Path("a.png"), None, *no_second, str(take), "", "auto", "voice")
    (job,) = jobs(Path("a.png"), Path("a.wav"), *no_second, None, "", "auto", "file")
    assert job.performance is None


def fold(page: Page) -> Locator:
    """The fold of the performance, open."""
    there = at(page, "performance", PREVIEW)
    if not at(page, "performance-file", PREVIEW).is_visible():
        there.locator("button.label-wrap").first.click()
    at(page, "performance-file", PREVIEW).wait_for()
    return there


def toast(page: Page, words: str) -> None:
    expect(page.locator(".toast-body", has_text=words).last).to_be_visible()


def test_a_performance_moves_a_portrait_without_a_voice_and_comes_back(
    window: Page, url: str, files: Files, take: Path, settings: Settings, tmp_path: Path
) -> None:
    window.goto(url)
    at(window, "generate", PREVIEW).wait_for()
    fold(window).locator("input[type=file]").set_input_files(take)
    expect(at(window, "performance-file", PREVIEW)).to_contain_text("take")

    # The page asks before the file is lost: it is in no job yet.
    with window.expect_event("dialog") as asked:
        window.reload()
    assert asked.value.type == "beforeunload"
    at(window, "generate", PREVIEW).wait_for()
    fold(window).locator("input[type=file]").set_input_files(take)
    expect(at(window, "performance-file", PREVIEW)).to_contain_text("take")

    # Only what is needed is asked for: no voice, unless it is to move the mouth.
    at(window, "generate", PREVIEW).click()
    toast(window, "There is no portrait yet")
    expect(window.locator(".toast-body").last).not_to_contain_text("There is no voice yet")
    expect(window.locator("#page-portrait")).to_have_class(re.compile("is-missing"))
    expect(window.locator("#page-voice")).not_to_have_class(re.compile("is-missing"))
    give(window, files.portrait)
    agree(window)
    fold(window).get_by_label("The voice").check()
    at(window, "generate", PREVIEW).click()
    toast(window, "There is no voice yet")
    fold(window).get_by_label("The performance").check()
    finish(window, PREVIEW)
    window.wait_for_function("document.querySelector('#preview-result video').duration < 1.3")

    with window.expect_download() as download:
        at(window, "download-settings", PREVIEW).click()
    download.value.save_as(tmp_path / "settings.json")
    facts = json.loads((tmp_path / "settings.json").read_text())
    assert facts["performance"]["mouth"] == "file"
    assert "take" not in json.dumps(facts["performance"])

    # With a voice, too, the video has its length.
    give(window, voice=files.voice)
    fold(window).get_by_label("The voice").check()
    finish(window, PREVIEW)
    window.wait_for_function("document.querySelector('#preview-result video').duration > 1.9")

    # The gallery brings back the file, also as after 24 hours; later, it says that the file is gone.
    def open_again(number: int) -> None:
        window.reload()
        at(window, "generate", PREVIEW).wait_for()
        for upload in uploads_folder().rglob(f"{take.stem}*"):
            upload.unlink()
        window.get_by_role("tab", name="Gallery").click()
        window.locator("button[data-take]").nth(number).click()
        expect(at(window, "settings", GALLERY)).to_contain_text("A file moves the face.")
        at(window, "open", GALLERY).click()
        expect(at(window, "performance-mouth", PREVIEW)).to_be_visible()

    open_again(0)
    expect(at(window, "performance-file", PREVIEW)).to_contain_text("take")
    expect(fold(window).get_by_label("The voice")).to_be_checked()
    expect(at(window, "voice").locator(".waveform-container")).to_be_visible()
    open_again(1)
    expect(at(window, "voice").locator(".waveform-container")).to_have_count(0)
    expect(fold(window).get_by_label("The performance")).to_be_checked()
    expect(at(window, "performance-file", PREVIEW)).to_contain_text("take")
    expect(window.locator(".toast-body", has_text="no longer stored")).to_have_count(0)
    shutil.rmtree(settings.outputs / FOLDER)
    open_again(1)
    toast(window, "The recorded performance of this video is no longer stored")

    # Settings say that a file is missing, and those without a performance empty the place.
    given = window.locator("#page-settings-file input")
    given.set_input_files(tmp_path / "settings.json")
    toast(window, "A recorded performance moves the face with these settings")
    (tmp_path / "wrong.csv").write_text("a,b\n1,2\n")
    fold(window).locator("input[type=file]").set_input_files(tmp_path / "wrong.csv")
    expect(at(window, "performance-file", PREVIEW)).to_contain_text("wrong")
    give(window, files.portrait)
    agree(window)
    at(window, "generate", PREVIEW).click()
    toast(window, "cannot be used as a performance")
    (tmp_path / "settings.json").write_text(json.dumps(facts | {"performance": None}))
    given.set_input_files(tmp_path / "settings.json")
    expect(at(window, "performance-file", PREVIEW)).not_to_contain_text("wrong")

    window.locator("[data-language=zh-CN]").click()
    expect(at(window, "performance", PREVIEW)).to_contain_text("录制的表演")
    window.set_viewport_size({"width": 390, "height": 844})
    assert beyond_the_screen(window) == []
    window.locator("[data-language=en]").click()
