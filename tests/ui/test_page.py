"""The page as a visitor meets it: a real browser, a real server, an engine that waits for the test."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import BrowserContext, Page, expect

from studio.options import list_options
from tests.ui.conftest import ENGINE, PATIENCE, Files, Site, give, open_page, replace_voice
from ui.examples import example_portraits

DONE = '#progress [data-state="done"]'


def start(page: Page) -> None:
    page.locator("#generate").click()
    expect(page.locator("#cancel")).to_be_enabled()


def finish(page: Page) -> None:
    page.locator("#generate").click()
    page.locator(DONE).wait_for()
    page.locator("#result video").wait_for(state="attached")


def toast(page: Page, text: str) -> None:
    expect(page.locator(".toast-body").filter(has_text=text)).to_be_visible()


def wait_until_stopped(site: Site) -> None:
    """The engine has ended, rendered only a part, and left no file behind."""
    assert site.rehearsal.ended.wait(PATIENCE / 1000), "the engine goes on although nobody waits for it"
    assert 0 < site.rehearsal.batches < 500
    site.wait_until_no_video()


def test_portrait_and_voice_become_a_video_that_plays(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    visitor.wait_for_function("() => document.querySelector('#result video').duration > 1.9")
    visitor.wait_for_function("() => document.querySelector('#result video').currentTime > 0")
    expect(visitor.locator("#facts")).to_contain_text("time taken")
    expect(visitor.locator("#facts")).to_contain_text("320 \N{MULTIPLICATION SIGN} 320")
    expect(visitor.locator("#generate")).to_be_enabled()
    expect(visitor.locator("#cancel")).to_be_disabled()
    with visitor.expect_download() as download:
        visitor.locator("#download").click()
    assert download.value.suggested_filename == "joystudio-woman-seed0.mp4"
    assert b"ftyp" in download.value.path().read_bytes()[:16]


def test_progress_is_a_real_fraction(visitor: Page, site: Site, files: Files) -> None:
    site.rehearsal.go.clear()
    give(visitor, files.portrait, files.long_voice)
    start(visitor)
    visitor.wait_for_function(
        """() => {
          const bar = document.querySelector('#progress [role=progressbar]');
          const percent = Number(bar.getAttribute('aria-valuenow'));
          return percent > 0 && percent < 50;
        }"""
    )
    expect(visitor.locator("#progress")).to_contain_text(re.compile(r"Rendering.*\d+% · .* left", re.DOTALL))
    visitor.locator("#cancel").click()
    wait_until_stopped(site)


def test_cancel_stops_the_work_and_the_next_job_runs(visitor: Page, site: Site, files: Files) -> None:
    site.rehearsal.go.clear()
    give(visitor, files.portrait, files.long_voice)
    start(visitor)
    expect(visitor.locator("#generate")).to_be_disabled()
    expect(visitor.locator("#progress")).to_contain_text("Rendering")
    visitor.locator("#cancel").click()
    expect(visitor.locator("#progress")).to_contain_text("Cancelled")
    wait_until_stopped(site)
    expect(visitor.locator("#generate")).to_be_enabled()
    expect(visitor.locator("#cancel")).to_be_disabled()

    site.rehearsal.reset()
    replace_voice(visitor, files.voice)
    finish(visitor)


def test_closing_the_tab_stops_the_work(visitor: Page, site: Site, files: Files) -> None:
    site.rehearsal.go.clear()
    give(visitor, files.portrait, files.long_voice)
    start(visitor)
    expect(visitor.locator("#progress")).to_contain_text("Rendering")
    visitor.close()
    wait_until_stopped(site)


def test_what_is_missing_or_unusable_is_said_in_a_toast(visitor: Page, site: Site, files: Files) -> None:
    visitor.locator("#generate").click()
    toast(visitor, "There is no portrait yet")
    expect(visitor.locator("#generate")).to_be_enabled()

    give(visitor, files.portrait, files.silence)
    visitor.locator("#generate").click()
    toast(visitor, "dBFS")
    expect(visitor.locator("#generate")).to_be_enabled()
    expect(visitor.locator("#cancel")).to_be_disabled()
    assert site.videos() == []
    assert "Traceback" not in visitor.content()

    replace_voice(visitor, files.voice)
    finish(visitor)


def test_a_text_file_is_refused_as_a_portrait(visitor: Page, site: Site, files: Files) -> None:
    visitor.locator("#portrait input[type=file]").set_input_files(files.text)
    expect(visitor.locator("#portrait-hint .problem")).to_contain_text("is not a picture")
    give(visitor, voice=files.voice)
    visitor.locator("#generate").click()
    toast(visitor, "is not a picture")
    expect(visitor.locator("#progress")).to_contain_text("Not finished")
    assert site.videos() == []


def test_an_unexpected_error_shows_a_number_and_no_details(
    visitor: Page, site: Site, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    site.rehearsal.crash = True
    give(visitor, files.portrait, files.voice)
    visitor.locator("#generate").click()
    body = visitor.locator(".toast-body").filter(has_text="report it with the number")
    expect(body).to_be_visible()
    assert "secret" not in visitor.content()
    match = re.search(r"number (\w{8})", body.inner_text())
    assert match is not None
    logged = [record for record in caplog.records if match[1] in record.getMessage()]
    assert len(logged) == 1
    assert logged[0].exc_info is not None

    site.rehearsal.reset()
    finish(visitor)


def test_the_form_is_the_options_model(visitor: Page, site: Site) -> None:
    visitor.locator("#more-options button").first.click()
    for option in list_options(ENGINE):
        component = visitor.locator(f"#option-{option.name}")
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
    inside = visitor.locator("#more-options").locator(".option")
    assert inside.count() == sum(option.advanced for option in list_options(ENGINE))


def test_a_preset_moves_the_sliders_and_reset_moves_them_back(
    visitor: Page, site: Site, files: Files
) -> None:
    strength = visitor.locator("#option-strength input[type=range]")
    preset = visitor.locator("#preset input")
    preset.click()
    visitor.get_by_role("option", name="Strong").click()
    expect(strength).to_have_value("1.75")
    expect(visitor.locator("#option-mirror input")).to_be_checked()
    expect(preset).to_have_value("Strong")

    give(visitor, files.portrait, files.voice)
    finish(visitor)
    assert site.rehearsal.jobs[-1][1].model_dump()["strength"] == 1.75

    strength.press("ArrowLeft")
    expect(preset).to_have_value("Set by hand")
    visitor.locator("#defaults").click()
    expect(strength).to_have_value("1")
    expect(visitor.locator("#option-mirror input")).not_to_be_checked()


def test_the_dice_changes_the_seed_of_the_job(visitor: Page, site: Site, files: Files) -> None:
    seed = visitor.locator("#seed input")
    expect(seed).to_have_value("0")
    visitor.locator("#dice").click()
    expect(seed).not_to_have_value("0")
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    assert site.rehearsal.jobs[-1][2] == int(seed.input_value())


def test_a_click_chooses_a_face(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.couple, files.voice)
    boxes = visitor.locator("#portrait-overlay .face-box")
    expect(boxes).to_have_count(2)
    expect(boxes.first).to_have_class(re.compile("chosen"))
    place = boxes.nth(1).bounding_box()
    picture = visitor.locator("#portrait img").bounding_box()
    assert place is not None
    assert picture is not None
    assert place["x"] > picture["x"] + picture["width"] / 2  # the smaller face is on the right
    visitor.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(boxes.nth(1)).to_have_class(re.compile("chosen"))
    expect(visitor.locator("#portrait-hint")).to_contain_text("number 1")
    finish(visitor)
    assert site.rehearsal.jobs[-1][0].face_index == 1


def test_three_clicks_set_the_points_of_an_animal(visitor: Page, site: Site, files: Files) -> None:
    visitor.locator("#option-animation_mode").get_by_label("Animal", exact=True).click()
    give(visitor, files.cat, files.voice)
    expect(visitor.locator("#portrait-hint")).to_contain_text("click", ignore_case=True)
    picture = visitor.locator("#portrait img")
    box = picture.bounding_box()
    assert box is not None
    width, height = picture.evaluate("img => [img.naturalWidth, img.naturalHeight]")
    scale = min(box["width"] / width, box["height"] / height)
    left = box["x"] + (box["width"] - scale * width) / 2
    top = box["y"] + (box["height"] - scale * height) / 2
    wanted = [(185.0, 115.0), (265.0, 115.0), (225.0, 180.0)]
    points = visitor.locator("#portrait-overlay .face-point")
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

    visitor.locator("#reset-picks").click()
    expect(points).to_have_count(0)


def test_examples_are_one_click_away_and_an_animal_brings_its_mode(visitor: Page, site: Site) -> None:
    animals = [index for index, one in enumerate(example_portraits()) if one.animation_mode == "animal"]
    humans = [index for index, one in enumerate(example_portraits()) if one.animation_mode == "human"]
    portraits = visitor.locator("#portrait-examples button")
    mode = visitor.locator("#option-animation_mode")
    portraits.nth(animals[0]).click()
    expect(mode.get_by_label("Animal", exact=True)).to_be_checked()
    expect(visitor.locator("#portrait-overlay .face-point")).to_have_count(3)
    visitor.locator("#voice-examples button").first.click()
    visitor.locator("#voice .waveform-container, #voice audio").first.wait_for(state="attached")
    finish(visitor)
    assert site.rehearsal.jobs[-1][0].anchors is not None
    portraits.nth(humans[0]).click()
    expect(mode.get_by_label("Human", exact=True)).to_be_checked()
    expect(visitor.locator("#portrait-overlay .face-box.chosen")).to_have_count(1)
    finish(visitor)
    assert site.rehearsal.jobs[-1][1].animation_mode == "human"


def test_the_api_makes_the_same_video(site: Site, files: Files) -> None:
    site.reset()
    client = Client(site.url, verbose=False)
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(endpoints) == ["/animate"]
    parameters = [one["parameter_name"] for one in endpoints["/animate"]["parameters"]]
    assert parameters == ["portrait", "voice", "seed", *(option.name for option in list_options(ENGINE))]
    video, *_ = client.predict(
        portrait=handle_file(files.portrait),
        voice=handle_file(files.voice),
        seed=7,
        strength=0.25,
        api_name="/animate",
    )
    assert b"ftyp" in Path(video).read_bytes()[:16]
    _, options, seed = site.rehearsal.jobs[-1]
    assert seed == 7
    assert options.model_dump()["strength"] == 0.25
    with pytest.raises(AppError, match="is not a picture"):
        client.predict(portrait=handle_file(files.text), voice=handle_file(files.voice), api_name="/animate")
    client.close()


def test_no_request_leaves_the_machine(context: BrowserContext, site: Site, files: Files) -> None:
    site.rehearsal.reset()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = open_page(context, site)
    give(page, files.portrait, files.voice)
    finish(page)
    home = urlsplit(site.url).netloc
    away = [url for url in asked if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != home]
    assert away == []
    assert len(asked) > 10


def test_visitors_do_not_see_each_other(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    browser = visitor.context.browser
    assert browser is not None
    with browser.new_context() as other_context:
        other = open_page(other_context, site)
        assert other.locator("#result video").count() == 0
        assert other.locator("#portrait img").count() == 0
        expect(other.locator("#facts")).to_be_empty()
        # Neither the outputs folder nor a guessed name is served.
        history = site.settings.history.resolve()
        assert history.is_file()
        assert other.request.get(f"{site.url}gradio_api/file={history}").status == 403
        video = site.videos()[0].resolve()
        assert other.request.get(f"{site.url}gradio_api/file={video}").status == 403


def test_a_second_visitor_waits_and_sees_the_place_in_the_queue(
    visitor: Page, site: Site, files: Files
) -> None:
    site.rehearsal.go.clear()
    give(visitor, files.portrait, files.long_voice)
    start(visitor)
    expect(visitor.locator("#progress")).to_contain_text("Rendering")
    browser = visitor.context.browser
    assert browser is not None
    with browser.new_context() as other_context:
        other = open_page(other_context, site)
        give(other, files.portrait, files.voice)
        other.locator("#generate").click()
        expect(other.locator("#progress")).to_contain_text(re.compile(r"queue: \d/\d"))
        other.locator("#cancel").click()
        expect(other.locator("#progress")).to_contain_text("Cancelled")
        expect(other.locator("#generate")).to_be_enabled()
        other.locator("#generate").click()
        expect(other.locator("#progress")).to_contain_text(re.compile(r"queue: \d/\d"))
        visitor.locator("#cancel").click()
        site.rehearsal.go.set()
        other.locator(DONE).wait_for()
    assert len(site.rehearsal.jobs) == 2


def test_a_narrow_screen_has_no_sideways_scroll(visitor: Page) -> None:
    visitor.set_viewport_size({"width": 390, "height": 844})
    assert visitor.evaluate("document.documentElement.scrollWidth") <= 390
    assert visitor.locator("h1").count() == 1
