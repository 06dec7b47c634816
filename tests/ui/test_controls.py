"""Portrait, options and examples, used by a visitor in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from media.voice import open_voice
from studio.options import list_options
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import Files, Site, at, beyond_the_screen, finish, give, preset_choice, take_away, unfold
from ui.components.examples import example_portraits, example_voices

TABS = (ENGINE,)


def test_the_form_is_the_options_model_and_fits_a_narrow_screen(visitor: Page, site: Site) -> None:
    unfold(visitor)
    at(visitor, "more-options button").first.click()
    for option in list_options(ENGINE):
        component = at(visitor, f"option-{option.name}")
        expect(component).to_be_visible()
        expect(component).to_contain_text(option.title)
        expect(component).to_contain_text(option.help)
        if option.kind in ("number", "integer"):
            slider = component.locator("input[type=range]")
            expect(slider).to_have_attribute("min", f"{option.minimum:g}")
            expect(slider).to_have_attribute("max", f"{option.maximum:g}")
            expect(slider).to_have_attribute("step", f"{option.step or 1:g}")
            assert float(slider.input_value()) == option.default
        elif option.kind == "choice":
            assert component.locator("input[type=radio]").count() == len(option.choices)
        elif option.kind == "switch":
            expect(component.locator("input[type=checkbox]")).to_be_checked(checked=option.default)
    inside = at(visitor, "more-options").locator(".option")
    assert inside.count() == sum(option.advanced for option in list_options(ENGINE))

    visitor.set_viewport_size({"width": 390, "height": 844})
    assert beyond_the_screen(visitor) == []
    assert visitor.locator("h1").count() == 1


def test_a_preset_moves_the_sliders_reset_moves_them_back_and_the_dice_changes_the_seed(
    visitor: Page, site: Site, files: Files
) -> None:
    strength = at(visitor, "option-strength input[type=range]")
    expect(strength).to_be_hidden()  # behind the presets
    preset_choice(visitor, "Strong").check()
    give(visitor, files.portrait, files.voice)
    finish(visitor)  # with options that were never seen
    assert site.rehearsal.jobs[-1][1].model_dump()["strength"] == 1.75
    unfold(visitor)
    expect(strength).to_have_value("1.75")
    expect(at(visitor, "option-mirror input")).to_be_checked()
    seed = at(visitor, "seed input")
    expect(seed).to_have_value("0")
    at(visitor, "dice").click()
    expect(seed).not_to_have_value("0")

    finish(visitor)
    assert site.rehearsal.jobs[-1][1].model_dump()["strength"] == 1.75
    assert site.rehearsal.jobs[-1][2] == int(seed.input_value())

    strength.press("ArrowLeft")
    expect(preset_choice(visitor, "Custom")).to_be_checked()
    at(visitor, "defaults").click()
    expect(strength).to_have_value("1")
    expect(at(visitor, "option-mirror input")).not_to_be_checked()


def test_a_click_chooses_a_face_and_three_set_the_points_of_an_animal(
    visitor: Page, site: Site, files: Files
) -> None:
    give(visitor, files.couple, files.voice)
    boxes = at(visitor, "portrait-overlay .face-box")
    expect(boxes).to_have_count(2)
    expect(boxes.first).to_have_class(re.compile("chosen"))
    expect(boxes.nth(1)).to_be_visible()
    place = boxes.nth(1).bounding_box()
    picture = at(visitor, "portrait img").bounding_box()
    assert place is not None
    assert picture is not None
    assert place["x"] > picture["x"] + picture["width"] / 2  # the smaller face is on the right
    visitor.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(boxes.nth(1)).to_have_class(re.compile("chosen"))
    expect(at(visitor, "portrait-hint")).to_contain_text("Number 1")
    finish(visitor)
    assert site.rehearsal.jobs[-1][0].face_index == 1

    take_away(visitor, "portrait", "Remove Image")
    expect(boxes).to_have_count(0)
    at(visitor, "option-animation_mode").get_by_label("Animal", exact=True).click()
    visitor.evaluate("scrollTo(0, 0)")
    hint = at(visitor, "portrait-hint")
    expect(hint).not_to_contain_text("left eye")
    give(visitor, files.cat)
    expect(hint).to_contain_text("left eye")
    cat = at(visitor, "portrait img")
    box = cat.bounding_box()
    assert box is not None
    width, height = cat.evaluate("img => [img.naturalWidth, img.naturalHeight]")
    scale = min(box["width"] / width, box["height"] / height)
    left = box["x"] + (box["width"] - scale * width) / 2
    top = box["y"] + (box["height"] - scale * height) / 2
    wanted = [(185.0, 115.0), (265.0, 115.0), (225.0, 180.0)]
    points = at(visitor, "portrait-overlay .face-point")
    for count, (x, y) in enumerate(wanted, start=1):
        visitor.mouse.click(left + scale * x, top + scale * y)
        expect(points).to_have_count(count)
    for index, (x, y) in enumerate(wanted):
        mark = points.nth(index).bounding_box()
        assert mark is not None
        assert abs(mark["x"] + mark["width"] / 2 - (left + scale * x)) < 3
        assert abs(mark["y"] + mark["height"] / 2 - (top + scale * y)) < 3
    finish(visitor)
    anchors = site.rehearsal.jobs[-1][0].anchors
    assert anchors is not None
    for (x, y), (wanted_x, wanted_y) in zip(anchors, wanted, strict=True):
        assert abs(x - wanted_x) < 2 / scale
        assert abs(y - wanted_y) < 2 / scale

    at(visitor, "reset-picks").click()
    expect(points).to_have_count(0)


def test_examples_are_one_click_away_and_an_animal_brings_its_mode(
    visitor: Page, site: Site, files: Files
) -> None:
    animals = [index for index, one in enumerate(example_portraits()) if one.animation_mode == "animal"]
    humans = [index for index, one in enumerate(example_portraits()) if one.animation_mode == "human"]
    portraits = at(visitor, "portrait-examples button")
    mode = at(visitor, "option-animation_mode")
    portraits.nth(animals[0]).click()
    expect(mode.get_by_label("Animal", exact=True)).to_be_checked()
    expect(at(visitor, "portrait-overlay .face-point")).to_have_count(3)
    # The voice and the preset that go with it.
    expect(at(visitor, "voice-hint")).to_contain_text("s of voice")
    shortest = min(enumerate(example_voices()), key=lambda one: open_voice(one[1].path).duration)[0]
    at(visitor, "voice-examples button").nth(shortest).click()
    at(visitor, "voice").locator(".waveform-container, audio").first.wait_for(state="attached")
    finish(visitor)
    assert site.rehearsal.jobs[-1][0].anchors is not None
    portraits.nth(humans[0]).click()
    expect(mode.get_by_label("Human", exact=True)).to_be_checked()
    expect(at(visitor, "portrait-overlay .face-box.chosen")).to_have_count(1)
    give(visitor, voice=files.voice)
    finish(visitor)
    assert site.rehearsal.jobs[-1][1].animation_mode == "human"


def test_faces_and_examples_are_reached_and_chosen_with_the_keyboard(
    visitor: Page, site: Site, files: Files
) -> None:
    give(visitor, files.couple, files.voice)
    other = visitor.get_by_role("button", name="Face 1: let this one talk")
    expect(other).to_have_attribute("aria-pressed", "false")
    other.press("Enter")
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(other).to_be_focused()
    finish(visitor)
    assert site.rehearsal.jobs[-1][0].face_index == 1
    visitor.get_by_role("button", name=re.compile("Astronaut")).press("Enter")
    expect(at(visitor, "portrait-overlay .face-box")).to_have_count(1)
    expect(at(visitor, "voice-hint")).to_contain_text("2.0 s of voice")  # a voice of one's own stays
