"""The tab Live when something is in the way: the network, a microphone, a portrait, a reload, the server."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
import pytest
from PIL import Image
from playwright.sync_api import Dialog, Page, expect

from tests.ui.live.actions import part, start, stop, wait_until_heard
from tests.ui.visit import Files, agree, give
from ui.server.live_sockets import live_host

ASKS_FOR_THE_APPLICATION = "fetch('gradio_api/app_id').then(({ status }) => status)"


def test_after_a_gap_of_five_seconds_it_connects_again_with_its_portrait(
    page: Page, files: Files, tmp_path: Path
) -> None:
    start(page)
    wait_until_heard(page)
    page.locator("#live-record").click()
    expect(page.locator("#live-record")).to_have_text("Stop recording")
    smaller = tmp_path / "smaller.png"
    Image.open(files.portrait).resize((256, 256)).save(smaller)
    give(page, smaller)
    page.evaluate("window.cut = true")
    expect(part(page, "status")).to_contain_text("waits for the network")
    expect(part(page, "status")).to_contain_text("connects again")
    # Gradio would load the page again, which would end the session.
    assert page.evaluate(ASKS_FOR_THE_APPLICATION) == 503
    page.evaluate("window.cut = false")
    expect(part(page, "status")).to_contain_text("Live")
    wait_until_heard(page)
    expect(part(page, "problem")).to_contain_text("which ended the recording")
    expect(part(page, "problem").get_by_role("link")).to_be_visible()
    expect(part(page, "later")).to_have_text("From the next start on: Portrait")
    expect(page.locator("#live-record")).to_have_text("Record")
    assert part(page, "canvas").evaluate("(canvas) => canvas.width") == 320
    stop(page)
    assert page.evaluate(ASKS_FOR_THE_APPLICATION) == 200
    start(page)
    expect(part(page, "canvas")).to_have_js_property("width", 256)
    give(page, files.portrait)


def test_who_stops_while_the_portrait_is_checked_is_not_asked_for_the_microphone(page: Page) -> None:
    page.locator("#live-source").get_by_label("Microphone").check()
    page.evaluate("window.stream = null")
    with page.expect_event("console", lambda said: said.text == "ticket"):
        page.evaluate(
            """() => {
                const given = () => setTimeout(console.log, 0, "ticket");
                document.addEventListener("live-ticket", given, { once: true });
                const button = document.querySelector("#live-start");
                button.click();
                button.click();
            }"""
        )
    expect(part(page, "status")).to_contain_text("has ended")
    start(page, "English woman")
    assert page.evaluate("window.stream") is None


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("NotAllowedError", "Allow it beside the page's address"),
        ("NotFoundError", "found no microphone"),
        ("NotReadableError", "Close other programs"),
    ],
)
def test_a_microphone_that_cannot_be_used_is_explained(page: Page, refusal: str, words: str) -> None:
    page.evaluate("(name) => { window.refusal = name; }", refusal)
    page.locator("#live-source").get_by_label("Microphone").check()
    page.locator("#live-start").click()
    expect(part(page, "problem")).to_contain_text(words)


def test_a_microphone_that_is_unplugged_ends_the_session(page: Page) -> None:
    start(page)
    page.evaluate("stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(part(page, "problem")).to_contain_text("was disconnected")
    expect(page.locator("#live-start")).to_have_text("Start")


def test_a_full_server_and_a_portrait_without_a_face_are_explained_in_both_languages(
    page: Page, blocks: tuple[gr.Blocks, str], files: Files, tmp_path: Path
) -> None:
    give_back = live_host(blocks[0].app).places.take("someone")
    page.locator("#live-start").click()
    expect(part(page, "problem")).to_contain_text("the limit of this server")
    page.get_by_role("button", name="中文").click()
    expect(part(page, "problem")).to_contain_text("达到")
    page.get_by_role("button", name="EN", exact=True).click()
    give_back()
    Image.new("RGB", (300, 300), "gray").save(tmp_path / "gray.png")
    give(page, tmp_path / "gray.png")
    page.locator("#live-start").click()
    expect(part(page, "problem")).to_contain_text("face")
    expect(page.locator("#live-start")).to_have_text("Start")
    give(page, files.portrait)


def test_notes_about_the_portrait_are_shown_in_both_languages(page: Page) -> None:
    notes = [{"message": "Turn the face.", "message_zh": "请转正脸部。"}, {"message": "Use more light."}]
    page.evaluate("(given) => { window.notes = given; }", notes)
    start(page)
    expect(part(page, "problem")).to_contain_text("Turn the face. Use more light.")
    page.get_by_role("button", name="中文").click()
    expect(part(page, "problem")).to_contain_text("请转正脸部。")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(part(page, "problem")).to_contain_text("Turn the face.")
    stop(page)


def test_a_reload_asks_first_and_then_says_what_it_has_ended(page: Page, files: Files) -> None:
    start(page)
    page.locator("#live-record").click()
    expect(page.locator("#live-record")).to_have_text("Stop recording")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", leave)
    page.reload()
    assert asked == ["beforeunload"]
    expect(part(page, "problem")).to_be_visible()  # its tab is not the first one
    expect(part(page, "problem")).to_contain_text("has ended. The recording is in the gallery, unless")
    agree(page)
    give(page, files.portrait)


def test_a_server_that_stops_says_so(page: Page, blocks: tuple[gr.Blocks, str]) -> None:
    start(page)
    live_host(blocks[0].app).end()
    expect(part(page, "problem")).to_contain_text("server")
    expect(page.locator("#live-start")).to_have_text("Start")
