"""The portrait desk: the light, crop, turn, shape and background, which every tab and the gallery follow."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from media.desk.edit import PortraitEdit
from studio.settings import Settings
from tests.ui.rehearsal import ENGINE
from tests.ui.test_page_inputs import choose_second_face, go_to
from tests.ui.visit import Files, Site, at, finish, give
from ui.components.portrait_desk import desk_html, edited_by, nearest_face, turned
from ui.components.portrait_picker import Picked, overlay_html

TABS = (ENGINE, "compare", "gallery")
SEEN = Picked("a.png", boxes=((10, 10, 60, 60), (200, 20, 240, 60)), size=(320.0, 320.0))
SIDES = "({naturalWidth, naturalHeight}) => [naturalWidth, naturalHeight]"


def test_an_action_of_the_desk_changes_one_thing() -> None:
    edited = replace(SEEN, edit=PortraitEdit(background="blur"))
    assert edited_by(edited, "crop", [0, 10, 100.5, 200]) == PortraitEdit(
        crop=(0, 10, 100.5, 200), background="blur"
    )
    assert edited_by(edited, "background", "#102030") == PortraitEdit(background="#102030")
    assert edited_by(edited, "reset", "") == PortraitEdit()
    shape = edited_by(replace(edited, face_index=1), "shape", "9:16")
    assert shape is not None
    assert (shape.shape, shape.background) == ("9:16", "blur")
    assert shape.crop is not None
    assert shape.crop[0] <= 200 < 240 <= shape.crop[2]  # around the chosen face


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("crop", [1, 2, 3]), ("crop", "abcd"), ("crop", None), ("crop", [9, 9, 1, 1]),
        ("crop", [0, 0, "nan", 5]), ("background", "transparent"),
        ("shape", "4:3"), ("shape", None), ("shape", ["9:16"]),
        ("background", "<b>"), ("background", 7), ("else", ""), (None, None),
    ],
)  # fmt: skip
def test_what_a_script_invents_changes_nothing(what: object, value: object) -> None:
    assert edited_by(SEEN, what, value) is None


def test_the_chosen_face_is_found_again_by_its_place() -> None:
    before = replace(SEEN, face_index=1).with_edit(PortraitEdit(background="blur"))
    assert nearest_face(before) == 1
    assert nearest_face(replace(before, boxes=((190, 10, 250, 70),))) == 0


def test_a_click_during_an_edit_chooses_by_place() -> None:
    looking = SEEN.with_edit(PortraitEdit(background="blur"))
    clicked = looking.clicked(220, 40)
    assert (clicked.near, clicked.face_index) == (SEEN.boxes[1], 0)
    assert clicked.with_edit(PortraitEdit(shape="1:1")).near == SEEN.boxes[1]
    found = replace(
        clicked, boxes=((190, 10, 250, 70), (10, 10, 60, 60))
    )  # the smaller one is the larger now
    assert nearest_face(found) == 0


def test_the_chosen_face_follows_a_turn(files: Files, settings: Settings) -> None:
    picked = replace(SEEN, portrait=str(files.cat), face_index=1)
    once = turned(picked, settings)
    assert (once.face_index, once.boxes) == (0, ())
    assert once.near == pytest.approx((300 - 60, 200, 300 - 20, 240))
    # Turned again before the copy was examined, it is still the same one.
    assert turned(once, settings).near == pytest.approx((450 - 240, 300 - 60, 450 - 200, 300 - 20))
    for copy in files.folder.glob("cat-turned-*.jpg"):
        copy.unlink()


def test_points_and_crop_follow_a_turn(files: Files, settings: Settings) -> None:
    crop = PortraitEdit(crop=(10, 20, 110, 220), shape="9:16", background="blur")
    picked = Picked(str(files.cat), "animal", points=((50, 40), (80, 40), (65, 90)), edit=crop)
    width, height = 451, 300
    once = turned(picked, settings)
    assert Path(once.portrait).name == "cat-turned-90.jpg"
    assert once.points[0] == pytest.approx((height - 40, 50))
    assert once.edit == PortraitEdit(crop=(height - 220, 10, height - 20, 110), background="blur")
    back = turned(replace(turned(turned(once, settings), settings)), settings)
    assert back.portrait == picked.portrait
    assert back.points[2] == pytest.approx((65, 90))
    assert width > height  # of the cat
    for copy in files.folder.glob("cat-turned-*.jpg"):
        copy.unlink()


def test_the_page_shows_the_light_and_the_frame() -> None:
    assert desk_html(None) == ""
    assert "Edit the portrait" in desk_html(SEEN)
    assert 'data-frame=""' in overlay_html(SEEN)
    cropped = replace(SEEN, edit=PortraitEdit(crop=(1, 2, 30, 40), shape="1:1"))
    assert 'data-frame="1.0,2.0,30.0,40.0" data-ratio="1.00000"' in overlay_html(cropped)


def test_every_tab_and_the_gallery_use_the_edited_portrait(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, voice=files.voice)
    choose_second_face(visitor, files)
    light = visitor.locator("#page-portrait-desk .quality")
    expect(light).to_contain_text("2 faces")
    fold = visitor.get_by_text("Edit the portrait")
    fold.click()

    # The shape is cut around the chosen face, the smaller one on the right.
    visitor.get_by_role("button", name="9:16").click()
    expect(visitor.get_by_role("button", name="9:16")).to_have_attribute("aria-pressed", "true")
    expect(at(visitor, "portrait-overlay .face-box")).to_have_count(1)
    frame = visitor.locator(".desk-frame")
    x0, _, x1, _ = (float(one) for one in (frame.get_attribute("data-frame") or "").split(","))
    assert (x1 - x0) / 320 == pytest.approx(9 / 16, abs=0.01)
    assert x0 > 300
    expect(visitor.locator(".desk-seen img")).to_have_js_property("complete", True)

    # With the pointer, a corner makes it smaller and keeps the shape; with the keys, the middle moves it.
    corner = visitor.locator('[data-grip="nw"]')
    where = corner.bounding_box()
    assert where is not None
    visitor.mouse.move(where["x"] + 11, where["y"] + 11)
    visitor.mouse.down()
    visitor.mouse.move(where["x"] + 19, where["y"] + 16, steps=3)
    visitor.mouse.up()
    expect(frame).not_to_have_attribute("data-frame", f"{x0:.1f},0.0,{x1:.1f},320.0")
    visitor.locator('[data-grip="move"]').press("ArrowLeft")
    visitor.get_by_role("button", name="Blurred").click()
    expect(visitor.get_by_role("button", name="Blurred")).to_have_attribute("aria-pressed", "true")
    expect(visitor.locator('[data-fold="edit"]')).to_have_attribute("open", "")
    a0, b0, a1, b1 = (float(one) for one in (frame.get_attribute("data-frame") or "").split(","))
    assert b0 > 2
    assert (a1 - a0) / (b1 - b0) == pytest.approx(9 / 16, abs=0.01)

    finish(visitor)
    go_to(visitor, "Compare", "compare", "start")
    at(visitor, "start", "compare").click()
    expect(at(visitor, "progress", "compare")).to_contain_text("Done")
    sizes = {(portrait.width, portrait.height) for portrait, _, _ in site.rehearsal.jobs}
    assert len(site.rehearsal.jobs) == 3
    assert len(sizes) == 1
    width, height = sizes.pop()
    assert width / height == pytest.approx(9 / 16, abs=0.02)
    assert len({portrait.sha256 for portrait, _, _ in site.rehearsal.jobs}) == 1

    # After other inputs, the gallery brings the edits back.
    give(visitor, files.portrait)
    expect(visitor.get_by_role("button", name="Undo the edits")).to_be_disabled()
    visitor.get_by_role("tab", name="Gallery").click()
    visitor.locator("[data-take]").first.click()
    visitor.get_by_role("button", name="Open these settings").click()
    expect(visitor.get_by_role("button", name="Blurred")).to_have_attribute("aria-pressed", "true")
    expect(frame).to_have_attribute("data-frame", f"{a0:.1f},{b0:.1f},{a1:.1f},{b1:.1f}")
    visitor.get_by_role("button", name="Undo the edits").click()
    expect(at(visitor, "portrait-overlay .face-box")).to_have_count(2)
    visitor.get_by_role("button", name="Turn by 90°").click()
    expect(at(visitor, "portrait-hint")).to_contain_text("lies on its side")
    assert at(visitor, "portrait img").evaluate(SIDES) == [320, 620]
    at(visitor, "portrait-turn").click()
    expect(at(visitor, "portrait-turn")).to_have_count(0)
