"""The tab that dubs: a video of a person and the page's voice become the same video with new lips."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from media.errors import ConsentMissing, OptionError, VideoError, VoiceError
from studio.downloads import preset_yaml, settings_json
from studio.dubbing.view import VideoView, view_video
from studio.gallery.history import History
from studio.gallery.videos import Gallery
from studio.settings import Settings
from studio.waiting_tasks import TaskRequest, WaitingTasks
from tests.ui.rehearsal import ENGINE
from tests.ui.talking import write_talking_video
from tests.ui.test_gallery import open_gallery
from tests.ui.test_settings_file import drop
from tests.ui.visit import Files, Site, at, give
from ui.components.line_work import line_work
from ui.components.pair_list_job import pairs_wish, read_pairs
from ui.given_inputs import given_of
from ui.tabs.dub.asked import dub_asked, dub_wish
from ui.tabs.dub.person import point_words
from ui.tabs.dub.screen import BY_HAND, DEFAULT, DUB, NAMES, POINT, ChosenPoint
from ui.tabs.gallery.screen import GALLERY
from ui.uploads import FOLDER

TABS = (ENGINE, DUB, GALLERY)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "clips" / "example.mp4"


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_talking_video(tmp_path_factory.mktemp("talking") / "interview.mp4")


def dub(page: Page, part: str):
    return page.locator(f"#{NAMES}-{part}")


def test_a_video_given_as_the_portrait_is_dubbed_for_the_face_that_was_clicked(
    visitor: Page, site: Site, files: Files, talking: Path
) -> None:
    at(visitor, "portrait input[type=file]").set_input_files(talking)
    expect(dub(visitor, "about")).to_contain_text("1.6 s, 256x256, 10 frames/s")
    dub(visitor, "start").click()
    expect(visitor.locator(".toast-wrap")).to_contain_text("There is no voice yet")
    give(visitor, voice=files.voice)
    dub(visitor, "who").get_by_label("A face that I click").check()
    face = dub(visitor, "still").get_by_role("button", name="Face 1")
    face.press("Enter")
    expect(face).to_have_attribute("aria-pressed", "true")
    dub(visitor, "start").click()
    expect(dub(visitor, 'progress [data-state="done"]')).to_have_count(1)
    expect(dub(visitor, "facts")).to_contain_text("Frames with new lips: 20 of 20.")
    expect(dub(visitor, "result video")).to_have_attribute(
        "src", re.compile(r"joystudio-interview-seed0\.mp4")
    )
    (entry,) = History(site.settings.history).list()
    assert entry.result.dub is not None
    assert re.fullmatch(r"0\.\d{4},0\.\d{4}@0\.000", entry.result.dub["person"])
    assert entry.result.dub["used_sync_mode"] == "bounce"

    open_gallery(visitor, 1)
    take = visitor.locator(".thumbnail-item")
    expect(take).to_contain_text("Dub")
    take.click()
    expect(at(visitor, "settings", GALLERY)).to_contain_text("Back and forth")
    expect(at(visitor, "settings", GALLERY)).not_to_contain_text("Head motion")
    visitor.get_by_role("tab", name="Dub").click()
    dub(visitor, "who").get_by_label("Everyone").check()
    visitor.get_by_role("tab", name="Gallery").click()
    at(visitor, "open", GALLERY).click()
    expect(dub(visitor, "who").get_by_label("A face that I click")).to_be_checked()
    expect(dub(visitor, "about video")).to_be_visible()
    expect(face).to_have_attribute("aria-pressed", "true")
    expect(at(visitor, "portrait")).to_be_hidden()
    expect(visitor.locator("#page-two-people")).to_be_hidden()  # a dub has one voice

    visitor.locator(f"#{NAMES}-preview-preset").get_by_label("Calm").check()
    dub(visitor, "options button.label-wrap").first.click()
    opening = visitor.locator(f"#{NAMES}-preview-option-mouth_opening input[type=range]")
    expect(opening).to_have_value("0.85")
    dub(visitor, "sync-mode").get_by_label("Cut off the longer").check()
    dub(visitor, "start").click()
    expect(dub(visitor, "facts")).to_contain_text("Frames with new lips: 16 of 16.")
    again = History(site.settings.history).list()[0].result
    assert again.dub is not None
    assert (again.preset, again.dub["person"]) == ("calm", entry.result.dub["person"])

    opening.fill("1.5")
    expect(visitor.locator(f"#{NAMES}-preview-preset").get_by_label("Custom")).to_be_checked()
    for name, content in (("its.json", settings_json(again)), ("its.yaml", preset_yaml(again))):
        dub(visitor, "who").get_by_label("Everyone").check()
        dub(visitor, "sync-mode").get_by_label("Loop").check()
        visitor.get_by_role("tab", name="Rehearsal").click()
        expect(at(visitor, "portrait")).to_be_visible()
        drop(visitor.locator(".heading h1"), name, content.encode())
        expect(visitor.get_by_role("tab", name="Dub")).to_have_attribute("aria-selected", "true")
        expect(visitor.locator(f"#{NAMES}-preview-preset").get_by_label("Calm")).to_be_checked()
        expect(opening).to_have_value("0.85")
        expect(dub(visitor, "sync-mode").get_by_label("Cut off the longer")).to_be_checked()
        expect(dub(visitor, "who").get_by_label("A face that I click")).to_be_checked()
        expect(face).to_have_attribute("aria-pressed", "true")


def test_a_face_asked_for_while_the_video_is_looked_at_is_shown(
    visitor: Page, talking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = threading.Event()

    def looked_at_later(video: Path, settings: Settings) -> VideoView:
        assert chosen.wait(30)
        return view_video(video, settings)

    monkeypatch.setattr("ui.tabs.dub.person.view_video", looked_at_later)
    visitor.get_by_role("tab", name="Dub").click()
    dub(visitor, "video input[type=file]").set_input_files(talking)
    expect(dub(visitor, "video")).to_contain_text("interview.mp4")
    dub(visitor, "who").get_by_label("A face that I click").check()
    face = dub(visitor, "still").get_by_role("button", name="Face 1")
    expect(face).to_be_visible()
    chosen.set()
    expect(dub(visitor, "about")).to_contain_text("256x256")
    expect(face).to_be_visible()


def test_a_reloaded_page_finds_its_dub_and_cancels_it(
    visitor: Page, site: Site, files: Files, talking: Path
) -> None:
    visitor.get_by_role("tab", name="Dub").click()
    dub(visitor, "video input[type=file]").set_input_files(files.text)
    expect(dub(visitor, "about .problem")).to_contain_text("of an unknown kind")
    dub(visitor, "video").get_by_label("Clear").click()
    dub(visitor, "video input[type=file]").set_input_files(talking)
    expect(dub(visitor, "about")).to_contain_text("256x256")
    visitor.get_by_role("tab", name="Rehearsal").click()
    visitor.set_viewport_size({"width": 390, "height": 844})
    at(visitor, "portrait input[type=file]").set_input_files(EXAMPLE)  # in the place of the first
    expect(dub(visitor, "about")).to_contain_text("768x256")
    expect(dub(visitor, "video")).to_be_in_viewport()
    steps = visitor.locator(".steps-bar").get_by_role("button")
    expect(steps).to_have_count(2)
    boxes = [button.bounding_box() for button in steps.all()]
    assert sum(box["width"] for box in boxes if box) > 380  # the whole bar
    visitor.set_viewport_size({"width": 1280, "height": 720})
    dub(visitor, "video").get_by_label("Clear").click()
    dub(visitor, "video input[type=file]").set_input_files(talking)
    expect(dub(visitor, "about")).to_contain_text("256x256")
    give(visitor, voice=files.long_voice)
    dub(visitor, "start").click()
    expect(visitor.locator("#job-tray li")).to_contain_text("interview.mp4")
    visitor.reload()
    at(visitor, "generate").wait_for()
    visitor.get_by_role("tab", name="Dub").click()
    expect(dub(visitor, "progress")).to_contain_text("Painting")
    expect(dub(visitor, "live img")).to_be_visible()
    dub(visitor, "cancel").click()
    expect(dub(visitor, "progress")).to_contain_text("Cancelled")
    expect(dub(visitor, "start")).to_be_enabled()
    site.wait_until_no_video()


WISH = {
    "video": "v.mp4", "voice": "v.wav", "seed": 7, "spoken": None, "text": "", "language": "",
    "speaker": "espeak/woman", "speed": 1.0, "consent": True,
    "engine": "preview", "sync_mode": DEFAULT,
    "who": "largest", "point": None, "max_turn": 30, "fade": 0.12,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"consent": False}, ConsentMissing),
        ({"video": None}, VideoError),
        ({"voice": None}, VoiceError),
        ({"who": POINT}, VideoError),
        ({"who": POINT, "point": ChosenPoint("0.5,0.5@0", "another.mp4")}, VideoError),
        ({"max_turn": 90}, OptionError),
        ({"sync_mode": "stretch"}, OptionError),
    ],
)
def test_what_is_missing_or_out_of_range_is_refused(change: dict, error: type[Exception]) -> None:
    wish = dub_wish(["preview", "joyvasa"], [("preview", "mouth_opening"), ("joyvasa", "mouth_open")])
    given = ("calm", "subtle", 0.5, 1.0)
    job = dub_asked(wish(*WISH.values(), *given), Settings())
    assert (job.seed, job.sync_mode, job.options.model_dump()["mouth_opening"]) == (7, None, 0.5)
    assert job.preset == "calm"
    assert dub_asked(wish(*WISH.values(), BY_HAND, *given[1:]), Settings()).preset is None
    with pytest.raises(error):
        dub_asked(wish(*(WISH | change).values(), *given), Settings())


def test_a_line_of_a_list_on_the_page_is_dubbed_for_its_visitor(
    tmp_path: Path, talking: Path, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uploads").mkdir()
    monkeypatch.setenv(FOLDER, str(tmp_path / "uploads"))
    settings = Settings(outputs=tmp_path / "outputs")
    wish = pairs_wish("list.csv", b"video,voice,sync_mode\ntalk.mp4,new.wav,cut_off\n", {})
    named = TaskRequest(wish.values, {"talk.mp4": talking, "new.wav": files.voice})
    (line,) = read_pairs(named)
    assert line.job is not None
    kept = WaitingTasks(settings).keep("pairs", named, "ann")
    *_, result = line_work(line.job, kept, "ann", settings)
    (entry,) = Gallery("ann", settings).list()
    assert entry.result.dub is not None
    assert (entry.result.job_id, entry.result.dub["sync_mode"]) == (getattr(result, "job_id", ""), "cut_off")
    given = given_of(entry.result, settings)
    assert given.portrait is not None  # the kept source, which the gallery gives back
    assert given.portrait.read_bytes() == talking.read_bytes()
    assert replace(given, voice=None).missing.startswith("The source or the voice of this dub")


def test_a_click_becomes_a_point_in_parts_of_the_video() -> None:
    assert point_words(0.25, 1, 2.5) == "0.2500,1.0000@2.500"
    for wrong in (None, "1", -1, float("nan")):
        assert point_words(wrong, 0.5, 1) == ""
