"""Two people in one video, on the page."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import Page, expect

from media.errors import OptionError, VoiceError
from studio.gallery.kept_inputs import FOLDER
from tests.ui.rehearsal import ENCORE, ENGINE
from tests.ui.test_slider_loops import move
from tests.ui.test_takes import cache_of, open_gallery
from tests.ui.visit import Files, Site, at, finish, give, open_tab
from ui.components.long_job import one_video
from ui.components.second_voice import build_second_voice, seconds_and_faces
from ui.element_ids import PAGE, ElementIds
from ui.tabs.gallery.screen import GALLERY

TABS = (ENGINE, ENCORE, GALLERY)
ANSWER_SLIDERS = True


def test_the_work_before_generating_counts_both_voices() -> None:
    with gr.Blocks():
        second = build_second_voice(ElementIds(PAGE))
    jobs, more = one_video("joyvasa", {}, second, {})
    assert more == second.given
    given = (Path("a.png"), Path("a.wav"))
    for who, file, start, face, expected in (
        ("one", "b.wav", 1.5, 2, (None, None, None, False)),
        ("after", "b.wav", 1.5, None, (Path("b.wav"), None, None, False)),
        ("together", "b.wav", 1.5, None, (Path("b.wav"), 0.0, None, False)),
        ("at", "b.wav", 1.5, 2, (Path("b.wav"), 1.5, 2, False)),
        ("channels", None, 1.5, 1, (None, None, 1, True)),
    ):
        (job,) = jobs(*given, who, file, start, face)
        assert (job.second_voice, job.second_start, job.second_face, job.stereo_voices) == expected
    with pytest.raises(VoiceError, match="no second voice yet"):
        jobs(*given, "after", None, None, None)
    with pytest.raises(OptionError, match="Say when the second voice begins"):
        jobs(*given, "at", "b.wav", None, None)
    with pytest.raises(OptionError, match="second_start"):
        jobs(*given, "at", "b.wav", -1.0, None)

    def look(file: str) -> float:
        if file == "broken.wav":
            raise VoiceError("It is broken.")
        return 3.0

    for who, file, begin, expected_hint in (
        ("one", "b.wav", 1.5, (2.0, 1)),
        ("after", "b.wav", 1.5, (5.0, 2)),
        ("together", "b.wav", 1.5, (3.0, 2)),
        ("at", "b.wav", 1.5, (4.5, 2)),
        ("at", "b.wav", None, (3.0, 2)),
        ("channels", None, None, (2.0, 2)),
        ("after", None, None, (2.0, 1)),
        ("after", "broken.wav", None, (2.0, 1)),
    ):
        assert seconds_and_faces(who, file, begin, 2.0, look) == expected_hint


def test_a_second_face_gets_its_own_voice(
    visitor: Page,
    stranger: Page,
    site: Site,
    files: Files,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ui.components.slider_loops.SOON", 600.0)  # also while the machine is busy
    give(visitor, files.couple, files.voice)
    fold = visitor.locator("#page-two-people")
    expect(at(visitor, "voice-hint")).to_contain_text("The video will take")
    # The page moves while the button is pressed, as when the voice has been examined.
    fold.get_by_role("button", name="Two people").hover()
    visitor.mouse.down()
    at(visitor, "voice-hint").evaluate("(hint) => { hint.style.paddingTop = '90px'; }")
    visitor.mouse.up()
    fold.get_by_label("A second voice after the first").check()
    at(visitor, "voice-hint").evaluate("(hint) => { hint.style.paddingTop = ''; }")
    at(visitor, "generate").click()
    expect(visitor.locator(".toast-body").first).to_contain_text("There is no second voice yet.")
    assert site.rehearsal.jobs == []
    hint = at(visitor, "voice-hint")
    expect(hint).to_contain_text("The video will take")
    alone = hint.inner_text()
    fold.locator("input[type=file]").set_input_files(files.voice)
    expect(visitor.locator("#page-second-voice")).to_contain_text(".wav")
    expect(hint).not_to_have_text(alone)  # two faces, and twice as long
    finish(visitor)
    assert sorted(portrait.face_index for portrait, _, _ in site.rehearsal.jobs) == [0, 1]
    visitor.wait_for_function(f"document.querySelector('#{ENGINE}-result video').duration > 3.9")

    # A moved slider is answered with both faces, in the loops of both settings.
    site.rehearsal.jobs.clear()
    move(visitor, 1)
    expect(visitor.locator(".loop-stage video")).to_have_count(2)
    jobs = site.rehearsal.jobs
    asked_for = [(portrait.face_index, options.model_dump()["strength"]) for portrait, options, _ in jobs]
    assert sorted(asked_for) == [(0, 1.0), (0, 1.25), (1, 1.0), (1, 1.25)]
    visitor.get_by_role("button", name="Go back to A").click()
    expect(visitor.locator(".loop-panel")).to_have_count(0)

    # Its settings and its link choose both voices too, and say what is to be added.
    with visitor.expect_download() as download:
        at(visitor, "download-settings").click()
    duet = tmp_path / "duet.json"
    download.value.save_as(duet)
    at(visitor, "share").click()
    link = at(visitor, "share-link").get_by_label("Link", exact=True).input_value()
    stranger.goto(link)
    expect(stranger.locator("#shared-settings")).to_contain_text("A second voice after the first")
    stranger.get_by_role("button", name="Try it with your own portrait").click()
    theirs = stranger.locator("#page-two-people")
    expect(theirs.get_by_label("A second voice after the first")).to_be_checked()
    expect(theirs.get_by_label("A second voice after the first")).to_be_visible()
    asked = stranger.locator(".toast-body", has_text="Two people speak with these settings")
    expect(asked).to_contain_text("the second voice under “Two people”")
    alone_again = tmp_path / "alone.json"
    alone_again.write_text(json.dumps(json.loads(duet.read_text()) | {"second_voice": None}))
    given = stranger.locator("#page-settings-file input")
    given.set_input_files(alone_again)
    expect(theirs.get_by_label("One person")).to_be_checked()
    later_on = json.loads(duet.read_text()) | {"second_voice": {"start": 1.5, "face_index": 2}}
    duet.write_text(json.dumps(later_on))
    given.set_input_files(duet)
    expect(theirs.get_by_label("A second voice from a time on")).to_be_checked()
    expect(theirs.get_by_label("The second voice begins at (s)")).to_have_value("1.5")
    expect(theirs.get_by_label("Face with the second voice")).to_have_value("2")

    open_tab(visitor, "Encore", ENCORE)
    at(visitor, "generate", ENCORE).click()
    expect(visitor.locator(".toast-body").first).to_contain_text("encore moves one face only.")
    fold.get_by_label("One person").check()
    site.rehearsal.jobs.clear()
    finish(visitor, ENCORE)
    assert [portrait.face_index for portrait, _, _ in site.rehearsal.jobs] == [0]

    # The gallery brings the choice and the second voice back, also as after 24 hours.
    def open_take(number: int, engine: str) -> None:
        open_gallery(visitor, 2).nth(number).click()
        expect(at(visitor, "settings", GALLERY)).to_contain_text(engine)
        at(visitor, "open", GALLERY).click()

    def later() -> None:
        visitor.reload()
        at(visitor, "generate").wait_for()
        for upload in cache_of(site).rglob(files.voice.name):
            upload.unlink()

    later()
    open_take(1, "Rehearsal")
    expect(fold.get_by_label("A second voice after the first")).to_be_checked()
    expect(visitor.locator("#page-second-voice")).to_contain_text(".wav")
    open_take(0, "Encore")
    expect(fold.get_by_label("One person")).to_be_checked()
    later()
    shutil.rmtree(site.settings.outputs / FOLDER)
    open_take(1, "Rehearsal")
    message = visitor.locator(".toast-body", has_text="The second voice of this video is no longer stored")
    expect(message).to_contain_text("“One person” is chosen")
