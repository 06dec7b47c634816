"""The page's inputs: given once, used by every tab, and brought back from the gallery."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.visit import Files, Site, agree, at, beyond_the_screen, finish, give
from ui.components.examples import example_portraits


def go_to(page: Page, name: str, engine: str, button: str = "generate") -> None:
    """Open a tab as a visitor does who has given everything already."""
    page.get_by_role("tab", name=name).click()
    at(page, button, engine).wait_for()


def choose_second_face(page: Page, files: Files) -> None:
    give(page, files.couple)
    boxes = at(page, "portrait-overlay .face-box")
    expect(boxes).to_have_count(2)
    picture = at(page, "portrait img").bounding_box()
    assert picture is not None
    page.mouse.click(picture["x"] + picture["width"] * 0.77, picture["y"] + picture["height"] / 2)
    expect(boxes.nth(1)).to_have_class(re.compile("chosen"))


def set_points(page: Page) -> None:
    page.evaluate("scrollTo(0, 0)")
    box = at(page, "portrait img").bounding_box()
    assert box is not None
    for number, (x, y) in enumerate(((0.4, 0.35), (0.6, 0.35), (0.5, 0.6))):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        expect(at(page, "portrait-overlay .face-point")).to_have_count(number + 1)


def test_what_was_given_once_is_used_and_seen_by_every_tab_in_its_way(
    visitor: Page, site: Site, files: Files
) -> None:
    give(visitor, voice=files.voice)
    choose_second_face(visitor, files)
    at(visitor, "seed input").fill("7")
    expect(at(visitor, "voice-hint")).to_contain_text("The video will take")
    finish(visitor)
    go_to(visitor, "Compare", "compare", "start")
    expect(at(visitor, "voice-hint")).to_have_text("2.0 s of voice.")
    go_to(visitor, "Encore", ENCORE)
    expect(at(visitor, "voice-hint")).to_contain_text("The video will take")
    expect(at(visitor, "portrait-overlay .face-box").nth(1)).to_have_class(re.compile("chosen"))
    finish(visitor, ENCORE)
    go_to(visitor, "Compare", "compare", "start")
    expect(at(visitor, "consent input")).to_be_checked()
    at(visitor, "start", "compare").click()
    expect(at(visitor, "progress", "compare")).to_contain_text("Done")
    assert len(site.rehearsal.jobs) == 4
    assert [(portrait.face_index, seed) for portrait, _, seed in site.rehearsal.jobs] == [(1, 7)] * 4


def test_switching_tabs_loses_nothing(visitor: Page, site: Site, files: Files) -> None:
    at(visitor, "option-animation_mode").get_by_label("Animal", exact=True).click()
    give(visitor, files.cat, files.voice)
    expect(at(visitor, "portrait-hint")).to_contain_text("left eye")
    set_points(visitor)
    at(visitor, "seed input").fill("11")
    for name, engine, button in (
        ("Encore", ENCORE, "generate"),
        ("Compare", "compare", "start"),
        ("Gallery", "gallery", "hint"),
        ("Rehearsal", ENGINE, "generate"),
    ):
        go_to(visitor, name, engine, button)
        expect(at(visitor, "portrait-overlay .face-point")).to_have_count(3)
        expect(at(visitor, "voice-hint")).to_contain_text("2.0 s of voice")
        expect(at(visitor, "seed input")).to_have_value("11")
        expect(at(visitor, "consent input")).to_be_checked()
    go_to(visitor, "Compare", "compare", "start")
    expect(at(visitor, "mode", "compare").get_by_label("Animal", exact=True)).to_be_checked()


def test_open_brings_back_what_a_video_was_made_from_but_a_link_brings_no_files(
    visitor: Page, stranger: Page, site: Site, files: Files
) -> None:
    give(visitor, voice=files.voice)
    choose_second_face(visitor, files)
    at(visitor, "seed input").fill("5")
    finish(visitor)
    source = visitor.evaluate("document.querySelector('#page-portrait img').src")
    visitor.reload()
    at(visitor, "generate").wait_for()
    expect(at(visitor, "portrait img")).to_have_count(0)
    go_to(visitor, "Gallery", "gallery", "hint")
    at(visitor, "stills button", "gallery").first.click()
    at(visitor, "open", "gallery").click()
    at(visitor, "generate").wait_for()
    expect(at(visitor, "portrait-overlay .face-box")).to_have_count(2)
    expect(at(visitor, "portrait-overlay .face-box").nth(1)).to_have_class(re.compile("chosen"))
    expect(at(visitor, "voice-hint")).to_contain_text("2.0 s of voice")
    expect(at(visitor, "seed input")).to_have_value("5")
    agree(visitor)
    finish(visitor)
    assert [portrait.face_index for portrait, _, _ in site.rehearsal.jobs] == [1, 1]

    at(visitor, "share").click()
    field = at(visitor, "share-link").locator("input, textarea")
    expect(field).not_to_have_value("")
    stranger.goto(field.input_value())
    stranger.get_by_role("button", name="Try it with your own portrait").click()
    at(stranger, "generate").wait_for()
    expect(at(stranger, "portrait img")).to_have_count(0)
    expect(at(stranger, "voice-hint")).to_contain_text("One speaking person")

    visitor.reload()
    at(visitor, "generate").wait_for()
    Path(source.partition("file=")[2]).unlink()
    shutil.rmtree(site.settings.outputs / "projects")
    go_to(visitor, "Gallery", "gallery", "hint")
    at(visitor, "stills button.thumbnail-item", "gallery").nth(1).click()
    at(visitor, "open", "gallery").click()
    expect(visitor.locator(".toast-body")).to_contain_text("The portrait of this video is no longer stored.")
    expect(at(visitor, "voice-hint")).to_contain_text("2.0 s of voice")
    expect(at(visitor, "portrait img")).to_have_count(0)


def test_an_example_animal_is_one_in_every_tab(visitor: Page, site: Site) -> None:
    cat = next(number for number, one in enumerate(example_portraits()) if one.animation_mode == "animal")
    at(visitor, "portrait-examples button").nth(cat).click()
    expect(at(visitor, "portrait-overlay .face-point")).to_have_count(3)
    go_to(visitor, "Encore", ENCORE)
    mode = at(visitor, "option-animation_mode", ENCORE)
    expect(mode.get_by_label("Animal", exact=True)).to_be_checked()
    expect(at(visitor, "option-smile", ENCORE)).to_be_hidden()
    expect(at(visitor, "portrait-overlay .face-point")).to_have_count(3)


def test_an_open_trim_is_applied_when_a_video_is_requested(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.portrait, files.voice)
    expect(at(visitor, "voice-hint")).to_contain_text("2.0 s of voice")
    at(visitor, "voice").get_by_label("Trim audio to selection").click()
    handle = at(visitor, "voice").get_by_role("button", name="Trim", exact=True)
    expect(handle).to_be_visible()
    finish(visitor)
    expect(handle).to_have_count(0)
    assert len(site.rehearsal.jobs) == 1
    expect(at(visitor, "voice-hint")).not_to_contain_text("2.0 s of voice")
    assert site.rehearsal.batches < 10  # of the 50 frames of the whole voice, five at a time


def test_a_missing_consent_is_shown_where_it_is_given_above_the_tabs_on_a_phone(
    visitor: Page, site: Site, files: Files
) -> None:
    give(visitor, files.portrait, files.voice)
    at(visitor, "consent input").uncheck()
    at(visitor, "generate").click()
    expect(at(visitor, "consent input")).to_be_focused()
    expect(at(visitor, "consent input")).to_be_in_viewport()
    assert site.rehearsal.jobs == []

    visitor.set_viewport_size({"width": 390, "height": 844})
    portrait = at(visitor, "portrait").bounding_box()
    consent = at(visitor, "consent").bounding_box()
    tabs = visitor.get_by_role("tab").first.bounding_box()
    assert portrait is not None
    assert consent is not None
    assert tabs is not None
    assert portrait["y"] < consent["y"] < tabs["y"]
    at(visitor, "text-fold").get_by_text("Type a text instead").click()
    expect(at(visitor, "text-listen")).to_be_visible()
    assert beyond_the_screen(visitor) == []


def test_leaving_asks_only_before_given_inputs_are_lost(visitor: Page, files: Files) -> None:
    asked: list[str] = []
    visitor.on("dialog", lambda dialog: asked.append(dialog.type))
    at(visitor, "portrait-examples button").first.click()
    at(visitor, "portrait img").wait_for(state="attached")
    visitor.reload()  # an example is there again with one click
    at(visitor, "generate").wait_for()
    assert asked == []
    agree(visitor)
    give(visitor, files.portrait, files.voice)
    visitor.reload()
    assert asked == ["beforeunload"]
    at(visitor, "generate").wait_for()
    agree(visitor)
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    visitor.reload()  # the gallery brings them back
    at(visitor, "generate").wait_for()
    assert asked == ["beforeunload"]
