"""The marks under the waveform of the voice, in a real browser with the preview engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from engines import registry
from studio.provenance.inspection import inspect_video
from studio.settings import Settings
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, beyond_the_screen, finish, give, preset_choice, unfold
from ui.app import build
from ui.tabs.animate import animate_tab

PREVIEW = "preview"
MARKS = {"tracks": [{"name": "headYaw", "keys": [[0.5, 0], [1, 5]]}]}
"""In degrees to the person's right; the track shows the frame's."""
AS_WIDE_AS_THE_WAVEFORM = """line => {
  const boxOf = (name) => document.querySelector(name)?.getBoundingClientRect();
  const track = boxOf(line), wave = boxOf("#waveform");
  return track && wave && wave.width > 50 && Math.abs(track.width - wave.width) < 3;
}"""
CUES = "1\n00:00:01,000 --> 00:00:01,500\n[happy 0.5] Hello\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(port=0, outputs=tmp_path_factory.mktemp("outputs"))


@pytest.fixture(scope="module")
def url(settings: Settings) -> Iterator[str]:
    with served(settings, build(settings, [animate_tab(registry.spec_of(PREVIEW))])) as url:
        yield url


@pytest.fixture
def page(window: Page, url: str, files: Files) -> Page:
    """A visitor with a voice of two seconds."""
    window.goto(url)
    at(window, "generate", PREVIEW).wait_for()
    give(window, voice=files.voice)
    window.locator(".mark-panel").wait_for()
    return window


def field(page: Page) -> Locator:
    """The field of the options, which holds what the track shows."""
    unfold(page, PREVIEW)
    there = at(page, "option-marks", PREVIEW)
    if not there.is_visible():
        at(page, "more-options button.label-wrap", PREVIEW).first.click()
    return there.locator("input, textarea").first


def keys(page: Page) -> dict[str, Any]:
    text = field(page).input_value()
    return {track["name"]: track["keys"] for track in json.loads(text)["tracks"]} if text else {}


def expect_keys(page: Page, expected: dict[str, Any]) -> None:
    """Wait until the field has these keys."""
    for pairs in expected.values():
        expect(field(page)).to_have_value(re.compile(re.escape(json.dumps(pairs, separators=(",", ":")))))
    assert keys(page) == expected


def click_at(page: Page, line: str, share: float) -> None:
    page.wait_for_function(AS_WIDE_AS_THE_WAVEFORM, arg=line)  # a track that was just shown still grows
    # Found and measured at once: a line that was replaced in between has no width.
    width = page.evaluate("line => document.querySelector(line).getBoundingClientRect().width", line)
    page.locator(line).click(position={"x": share * width, "y": 4})


def test_marks_are_added_moved_deleted_and_undone_in_the_one_field(page: Page) -> None:
    click_at(page, ".mark-line:not([data-name])", 0.5)
    editor = page.locator(".mark-editor")
    expect(editor).to_be_visible()
    expect(editor.get_by_label("What changes")).to_have_value("happy")
    expect(editor.get_by_label("Second")).to_have_value("1")
    editor.get_by_label("Value").fill("0.6")
    editor.get_by_role("button", name="Add").click()
    expect_keys(page, {"happy": [[0.6, 0], [1, 0.6]]})
    expect(preset_choice(page, "Custom", PREVIEW)).to_be_checked()

    click_at(page, ".mark-line[data-name=happy]", 0.75)
    expect_keys(page, {"happy": [[0.6, 0], [1, 0.6], [1.5, 0.6]]})
    mark = page.get_by_role("button", name="Happy, 1.50 s: 0.6")
    expect(mark).to_have_attribute("aria-pressed", "true")
    box, line = mark.bounding_box(), page.locator(".mark-line[data-name=happy]").bounding_box()
    assert box is not None
    assert line is not None
    page.mouse.move(box["x"] + 7, box["y"] + 7)
    page.mouse.down()
    page.mouse.move(line["x"] + 0.9 * line["width"], line["y"] + 10, steps=3)
    page.mouse.up()
    expect_keys(page, {"happy": [[0.6, 0], [1, 0.6], [1.8, 0.6]]})

    # By keyboard: nudge, change the value, delete; each step can be undone.
    moved = page.get_by_role("button", name="Happy, 1.80 s: 0.6")
    moved.press("ArrowLeft")
    expect(page.get_by_role("button", name="Happy, 1.70 s: 0.6")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect_keys(page, {"happy": [[0.6, 0], [1, 0.6], [1.7, 0.55]]})
    page.get_by_role("button", name="Happy, 1.70 s: 0.55").press("Delete")
    expect_keys(page, {"happy": [[0.6, 0], [1, 0.6]]})
    page.locator(".mark-panel").get_by_role("button", name="Undo").click()
    expect_keys(page, {"happy": [[0.6, 0], [1, 0.6], [1.7, 0.55]]})

    page.get_by_role("button", name="Add a mark").click()
    expect(editor.get_by_label("What changes")).to_be_focused()
    editor.get_by_label("What changes").select_option(label="Head left or right")
    editor.get_by_label("Second").fill("0.5")
    editor.get_by_label("Value").fill("-90")
    editor.get_by_label("Between marks").select_option("linear")
    editor.get_by_label("Value").press("Enter")
    expect(page.locator(".mark-line[data-name=head_yaw]")).to_have_count(0)  # beyond what a head can
    editor.get_by_label("Value").fill("-8")
    editor.get_by_label("Value").press("Enter")
    expect(page.get_by_role("button", name="Head left or right, 0.50 s: -8")).to_be_visible()
    assert keys(page)["head_yaw"] == [[0.1, 0], [0.5, -8]]

    # What is typed into the field is on the track, and the reset takes it away.
    field(page).fill('{"tracks": [{"name": "gaze_x", "keys": [[0.5, 0], [1, 0.4]]}]}')
    expect(page.get_by_role("button", name="Gaze left or right, 1.00 s: 0.4")).to_be_visible()
    expect(page.locator(".mark-row")).to_have_count(1)
    at(page, "defaults", PREVIEW).click()
    expect(page.locator(".mark-row")).to_have_count(0)


def test_a_track_that_is_drawn_again_while_the_pointer_is_down_takes_the_click(page: Page) -> None:
    line = page.locator(".mark-line:not([data-name])")
    page.wait_for_function(AS_WIDE_AS_THE_WAVEFORM, arg=".mark-line:not([data-name])")
    line.hover(position={"x": 20, "y": 4})
    page.mouse.down()
    page.evaluate("document.documentElement.lang = document.documentElement.lang")  # draws it again
    page.mouse.up()
    expect(page.locator(".mark-editor")).to_be_visible()


def test_a_video_has_the_marks_of_a_field_that_was_never_seen(
    page: Page, files: Files, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "take.srt").write_text(CUES)
    page.get_by_label("Load marks from a file").set_input_files(tmp_path / "take.srt")
    expect(page.get_by_role("button", name="Happy, 1.40 s: 0.5")).to_be_visible()
    click_at(page, ".mark-line[data-name=happy]", 0.95)
    give(page, files.portrait)
    agree(page, PREVIEW)
    finish(page, PREVIEW)
    (video,) = settings.outputs.glob("*.mp4")
    facts = inspect_video(video).facts
    assert facts is not None
    (track,) = json.loads(facts["options"]["marks"])["tracks"]
    assert track["keys"] == [[1.0, 0.0], [1.4, 0.5], [1.9, 0.5]]

    # A file of settings brings the marks back to the track, and others take them away.
    restored = tmp_path / "settings.json"
    restored.write_text(json.dumps({"engine": PREVIEW, "options": {"marks": MARKS}}))
    chooser = page.locator("#page-settings-file input")
    chooser.set_input_files(restored)
    expect(page.get_by_role("button", name="Head left or right, 1.00 s: -5")).to_be_visible()
    expect(page.get_by_role("button", name="Happy, 1.40 s: 0.5")).to_have_count(0)
    restored.write_text(json.dumps({"engine": PREVIEW, "options": {}}))
    chooser.set_input_files(restored)
    expect(page.locator(".mark-row")).to_have_count(0)


def test_marks_follow_the_trim_and_come_from_files_in_both_languages(page: Page, tmp_path: Path) -> None:
    (tmp_path / "take.srt").write_text(CUES)
    (tmp_path / "wrong.csv").write_text("name,seconds\nhappy,1\n")
    chooser = page.get_by_label("Load marks from a file")
    chooser.set_input_files(tmp_path / "wrong.csv")
    toast = page.locator(".toast-body").last
    expect(toast).to_contain_text("The marks in wrong.csv cannot be used: its first line lacks value")
    chooser.set_input_files(tmp_path / "take.srt")
    expect(page.get_by_role("button", name="Happy, 1.40 s: 0.5")).to_be_visible()
    expect_keys(page, {"happy": [[1.0, 0.0], [1.4, 0.5]]})

    field(page).fill("happy")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator(".toast-body").last).to_contain_text("The marks cannot be used")
    field(page).fill('{"tracks": [{"name": "joy", "keys": [[0.5, 0], [1, 1]]}]}')
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("button", name="Happy, 1.00 s: 1")).to_be_visible()

    # Gradio proposes the second quarter of the voice: half a second to one second.
    at(page, "voice").get_by_label("Trim audio to selection").click()
    at(page, "voice").get_by_role("button", name="Trim", exact=True).click()
    expect(page.get_by_role("button", name="Happy, 0.50 s: 1")).to_be_visible()
    expect_keys(page, {"happy": [[0, 0], [0.5, 1]]})
    at(page, "voice").get_by_label("Reset audio").click()
    expect(page.get_by_role("button", name="Happy, 1.00 s: 1")).to_be_visible()

    page.locator("[data-language=zh-CN]").click()
    expect(page.get_by_role("button", name="高兴, 1.00 s: 1")).to_be_visible()
    expect(page.locator(".mark-panel")).to_contain_text("时间标记")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="添加标记").click()
    assert beyond_the_screen(page) == []
    wave, line = page.locator("#waveform").bounding_box(), page.locator(".mark-line").first.bounding_box()
    assert wave is not None
    assert line is not None
    assert (line["x"], line["width"]) == pytest.approx((wave["x"], wave["width"]), abs=2)
    page.locator("[data-language=en]").click()
