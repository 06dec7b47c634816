"""A video from the page: progress, cancel, errors, other visitors; a real browser and a real server."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import BrowserContext, Page, expect

from media.errors import Cancelled
from studio.options import list_options
from studio.provenance.signing import Signer
from studio.stopping import check_wanted
from tests.ui.rehearsal import ENGINE
from tests.ui.test_gallery import open_gallery
from tests.ui.visit import (
    PATIENCE,
    Files,
    Site,
    agree,
    at,
    finish,
    give,
    held,
    open_in,
    open_page,
    replace_voice,
    take_away,
)  # fmt: skip


def start(page: Page) -> None:
    at(page, "generate").click()
    expect(at(page, "cancel")).to_be_enabled()


def toast(page: Page, text: str) -> None:
    expect(page.locator(".toast-body").filter(has_text=text).last).to_be_visible()


def wait_until_stopped(site: Site) -> None:
    """The engine has ended, rendered only a part, and left no file behind."""
    assert site.rehearsal.ended.wait(PATIENCE / 1000), "the engine goes on although nobody waits for it"
    assert 0 < site.rehearsal.batches < 500
    site.wait_until_no_video()


def test_portrait_and_voice_become_a_video_that_plays_for_its_visitor_alone(
    visitor: Page, stranger: Page, site: Site, files: Files
) -> None:
    give(visitor, files.portrait, files.voice)
    finish(visitor)
    visitor.wait_for_function("() => document.querySelector('#rehearsal-result video').duration > 1.9")
    visitor.wait_for_function("() => document.querySelector('#rehearsal-result video').currentTime > 0")
    expect(at(visitor, "facts")).to_contain_text("processing time")
    expect(at(visitor, "facts")).to_contain_text("320 \N{MULTIPLICATION SIGN} 320")
    expect(at(visitor, "generate")).to_be_enabled()
    expect(at(visitor, "cancel")).to_be_disabled()
    with visitor.expect_download() as download:
        at(visitor, "download").click()
    assert download.value.suggested_filename == "joystudio-woman-seed0.mp4"
    assert b"ftyp" in download.value.path().read_bytes()[:16]

    open_in(stranger, site)
    assert at(stranger, "result video").count() == 0
    assert at(stranger, "portrait img").count() == 0
    expect(at(stranger, "facts")).to_be_empty()
    # Neither the outputs folder nor a guessed name is served.
    history = site.settings.history.resolve()
    assert history.is_file()
    assert stranger.request.get(f"{site.url}gradio_api/file={history}").status == 403
    video = site.videos()[0].resolve()
    assert stranger.request.get(f"{site.url}gradio_api/file={video}").status == 403


def test_progress_is_a_real_fraction_and_cancel_makes_room_for_the_next_job(
    visitor: Page, site: Site, files: Files
) -> None:
    site.rehearsal.go.clear()
    give(visitor, files.portrait, files.half_a_minute)
    start(visitor)
    expect(at(visitor, "generate")).to_be_disabled()
    visitor.wait_for_function(
        """() => {
          const bar = document.querySelector('#rehearsal-progress [role=progressbar]');
          const percent = Number(bar.getAttribute('aria-valuenow'));
          return percent > 0 && percent < 50;
        }"""
    )
    expect(at(visitor, "progress")).to_contain_text(re.compile(r"Rendering.*\d+% · .* left", re.DOTALL))
    with held(visitor, "**/run/predict*"):
        at(visitor, "cancel").click()
        expect(at(visitor, "cancel")).to_have_text("Cancelling")
        expect(at(visitor, "generate")).to_be_disabled()  # a click would be lost until the job has ended
    expect(at(visitor, "progress")).to_contain_text("Cancelled")
    wait_until_stopped(site)
    expect(at(visitor, "generate")).to_be_enabled()
    expect(at(visitor, "cancel")).to_have_text("Cancel")
    expect(at(visitor, "cancel")).to_be_disabled()

    visitor.get_by_role("button", name="中文").click()
    expect(at(visitor, "cancel")).to_have_text("取消")
    start(visitor)
    with held(visitor, "**/run/predict*"):
        at(visitor, "cancel").click()
        expect(at(visitor, "cancel")).to_have_text("正在取消")
    expect(at(visitor, "progress")).to_contain_text("已取消，没有保留任何内容。")
    expect(at(visitor, "cancel")).to_have_text("取消")
    expect(at(visitor, "generate")).to_be_enabled()

    site.rehearsal.reset()
    replace_voice(visitor, files.voice)
    finish(visitor)


def test_a_video_that_is_cancelled_while_it_is_signed_is_not_kept(
    visitor: Page, site: Site, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing, pause = threading.Event(), threading.Event()
    sign = Signer.__call__

    def signed_until_cancelled(signer: Signer, path: Path) -> None:
        sign(signer, path)
        signing.set()
        with suppress(Cancelled):
            for _ in range(PATIENCE // 10):
                check_wanted()
                pause.wait(0.01)

    monkeypatch.setattr(Signer, "__call__", signed_until_cancelled)
    open_gallery(visitor, 0)
    visitor.get_by_role("tab", name="Rehearsal").click()
    give(visitor, files.portrait, files.voice)
    start(visitor)
    assert signing.wait(PATIENCE / 1000)
    assert site.videos()
    at(visitor, "cancel").click()
    expect(at(visitor, "progress")).to_contain_text("Cancelled. No files were kept.")
    site.wait_until_no_video()
    open_gallery(visitor, 0)
    visitor.get_by_role("tab", name="Rehearsal").click()
    monkeypatch.undo()
    finish(visitor)
    open_gallery(visitor, 1)


def test_missing_unusable_and_broken_inputs_are_reported_and_can_be_corrected(
    visitor: Page, site: Site, files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    at(visitor, "generate").click()
    toast(visitor, "There is no portrait yet")
    toast(visitor, "There is no voice yet")
    expect(at(visitor, "generate")).to_be_enabled()
    marked = visitor.locator(".is-missing")
    expect(marked).to_have_count(2)
    expect(at(visitor, "portrait")).to_have_class(re.compile("is-missing"))
    expect(at(visitor, "portrait")).to_be_in_viewport()
    give(visitor, files.portrait)
    expect(marked).to_have_count(1)
    expect(at(visitor, "voice")).to_have_class(re.compile("is-missing"))
    at(visitor, "consent input").uncheck()
    at(visitor, "generate").click()
    toast(visitor, "Tick the box to confirm")
    expect(marked).to_have_count(2)
    agree(visitor)
    give(visitor, voice=files.voice)
    expect(marked).to_have_count(0)
    take_away(visitor, "portrait", "Remove Image")

    at(visitor, "portrait input[type=file]").set_input_files(files.text)
    expect(at(visitor, "portrait-hint .problem")).to_contain_text("is not a readable image")
    give(visitor, voice=files.silence)
    at(visitor, "generate").click()
    toast(visitor, "is not a readable image")
    expect(at(visitor, "progress")).to_contain_text("Not finished")
    expect(at(visitor, "generate")).to_be_enabled()

    give(visitor, files.portrait)
    expect(at(visitor, "portrait-hint .problem")).to_have_count(0)
    at(visitor, "generate").click()
    toast(visitor, "The voice is silent")
    expect(at(visitor, "generate")).to_be_enabled()
    expect(at(visitor, "cancel")).to_be_disabled()
    assert site.videos() == []
    assert "Traceback" not in visitor.content()

    replace_voice(visitor, files.voice)
    site.rehearsal.crash = True
    at(visitor, "generate").click()
    # Read at once: the message leaves the page after some seconds.
    said = visitor.locator(".toast-body").filter(has_text="report it with the number").inner_text()
    assert "secret detail" not in said + visitor.content()
    match = re.search(r"number (\w{8})", said)
    assert match is not None
    logged = [record for record in caplog.records if match[1] in record.getMessage()]
    assert len(logged) == 1
    assert logged[0].exc_info is not None

    site.rehearsal.reset()
    expect(at(visitor, "generate")).to_be_enabled()
    finish(visitor)


def test_hidden_progress_names_no_component(site: Site) -> None:
    """Gradio would search the page for each of them whenever an event begins or ends."""
    silent = [event for event in site.page.config["dependencies"] if event["show_progress"] == "hidden"]
    assert len(silent) > 50
    assert [event["api_name"] for event in silent if event["show_progress_on"] != []] == []


def test_the_api_makes_the_same_video(site: Site, files: Files) -> None:
    site.reset()
    client = Client(site.url, verbose=False)
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(endpoints) == ["/rehearsal", "/encore", "/compare", "/videos", "/delete", "/curves"]
    parameters = {one["parameter_name"]: one for one in endpoints["/rehearsal"]["parameters"]}
    own = ["portrait", "voice", "consent", "seed", "preset", "face_index", "audio_track", "anchors"]
    spoken = ["text", "language", "speech_engine", "speech_voice", "speed"]
    options_of = [option.name for option in list_options(ENGINE)]
    second = ["second_voice", "stereo_voices", "second_start", "second_face"]
    assert list(parameters) == [*own, *options_of, "owner", *spoken, "portrait_edit", *second, "accept_long"]
    strength = parameters["strength"]["type"]
    assert (strength["type"], strength["minimum"], strength["maximum"]) == ("number", 0.0, 2.0)
    assert parameters["mood"]["type"]["enum"] == ["calm", "very_lively"]
    assert parameters["mirror"]["python_type"]["type"] == "bool"
    assert "How much." in parameters["strength"]["python_type"]["description"]
    both = {"portrait": handle_file(files.portrait), "voice": handle_file(files.voice), "consent": True}
    job = client.submit(**both, seed=7, strength=0.25, preset="strong", api_name="/rehearsal")
    video, facts = job.result()
    assert b"ftyp" in Path(video).read_bytes()[:16]
    news = [news for nothing, news in job.outputs()[:-1]]
    assert news, "no progress was told"
    assert all(0 <= one["fraction"] <= 1 and one["stage"] for one in news)
    _, options, seed = site.rehearsal.jobs[-1]
    assert seed == facts["seed"] == 7
    assert facts["options"] == options.model_dump()
    assert (options.model_dump()["strength"], options.model_dump()["mirror"]) == (0.25, True)
    with pytest.raises(AppError, match="is not a readable image"):
        client.predict(**both | {"portrait": handle_file(files.text)}, api_name="/rehearsal")
    with pytest.raises(AppError, match="strength is 9, but takes 0 to 2"):
        client.predict(**both, strength=9, api_name="/rehearsal")
    client.close()


def test_without_consent_nothing_is_made_and_no_request_leaves_the_machine(
    context: BrowserContext, site: Site, files: Files
) -> None:
    site.reset()
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = open_page(context, site, consent=False)
    give(page, files.portrait, files.voice)
    at(page, "generate").click()
    toast(page, "confirm that you have the right to use this face and this voice")
    expect(page.locator(".is-missing")).to_have_attribute("id", "page-consent")
    expect(at(page, "consent input")).to_be_focused()
    expect(at(page, "generate")).to_be_enabled()
    expect(at(page, "progress")).to_contain_text("Ready")
    at(page, "consent input").focus()
    page.keyboard.press("Space")
    finish(page)
    page.get_by_role("tab", name="Encore").click()
    expect(at(page, "consent input", "encore")).to_be_checked()
    home = urlsplit(site.url).netloc
    away = [url for url in asked if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != home]
    assert away == []
    assert len(asked) > 10
    client = Client(site.url, verbose=False)
    with pytest.raises(AppError, match="send consent=true through the API"):
        client.predict(
            portrait=handle_file(files.portrait), voice=handle_file(files.voice), api_name="/rehearsal"
        )
    client.close()
    assert len(site.rehearsal.jobs) == 1


def test_a_second_visitor_waits_and_sees_the_place_in_the_line(
    visitor: Page, stranger: Page, site: Site, files: Files
) -> None:
    site.rehearsal.go.clear()
    give(visitor, files.portrait, files.half_a_minute)
    start(visitor)
    expect(at(visitor, "progress")).to_contain_text("Rendering")
    open_in(stranger, site)
    expect(stranger.locator("#device-strip")).to_contain_text("jobs: 1 running, 0 waiting")
    give(stranger, files.portrait, files.voice)
    at(stranger, "generate").click()
    expect(at(stranger, "progress")).to_contain_text("next in the queue")
    at(stranger, "cancel").click()
    expect(at(stranger, "progress")).to_contain_text("Cancelled")
    expect(at(stranger, "generate")).to_be_enabled()
    at(stranger, "generate").click()
    expect(at(stranger, "progress")).to_contain_text("next in the queue")
    at(visitor, "cancel").click()
    site.rehearsal.go.set()
    at(stranger, 'progress [data-state="done"]').wait_for()
    assert len(site.rehearsal.jobs) == 2
