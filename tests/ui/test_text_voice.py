"""A text instead of a recording: typed, listened to, read aloud, and spoken by the video."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from engines import registry as engines
from engines.packages import Packages
from media.voice import open_voice
from speech import registry
from speech.base import Block, SpeechEngine, SpeechVoice, Unspoken
from speech.kokoro.spec import SPEC
from speech.spec import SpeechSpec
from studio.provenance.inspection import inspect_video
from studio.settings import Settings
from tests.studio.hub import Hub
from tests.ui.rehearsal import ENGINE
from tests.ui.served import served
from tests.ui.visit import Files, Site, agree, at, finish, give
from ui.app import build
from ui.components.text_voice import speak_function
from ui.in_turn import LastValue
from ui.server.upload_ledger import Ledger
from ui.tabs.animate import animate_tab
from ui.uploads import FOLDER

TABS = (ENGINE, "gallery")

SPOKEN = re.compile(r"s of voice\. .*The voice is generated from a text by the speech engine espeak\.")


class Patient(SpeechEngine):
    """Speaks for as long as a test lets it."""

    rate = 8000
    ended = threading.Event()

    def speak(self, text: str, language: str, voice: SpeechVoice, speed: float) -> Iterator[Block | Unspoken]:
        never = threading.Event()
        try:
            for _ in range(500):
                yield np.full(8000, 0.1, np.float32)
                never.wait(0.1)
        finally:
            self.ended.set()


@pytest.fixture(scope="module", autouse=True)
def _patient() -> Iterator[None]:
    """A second speech engine, before the page is built."""
    registry.register(
        SpeechSpec(
            name="patient", title="Patient", about="Takes its time.", licence="MIT", engine=Patient,
            voices=(SpeechVoice("slow", "Slow", ("en",)),),
        )
    )  # fmt: skip
    yield
    registry.unregister("patient")


def unfold(page: Page) -> None:
    at(page, "text-fold").get_by_role("button", name=re.compile("Type a text|文字")).first.click()
    at(page, "text textarea").wait_for()


def say(page: Page, text: str) -> None:
    at(page, "text textarea").fill(text)
    at(page, "text-listen").click()


def choose(page: Page, part: str, name: str) -> None:
    at(page, f"{part} input").click()
    page.get_by_role("option", name=name, exact=True).click()


def _videos(site: Site) -> list[Path]:
    """The finished ones, in the order in which they were made."""
    made = [path for path in site.videos() if path.suffix == ".mp4" and not path.name.startswith(".")]
    return sorted(made, key=lambda path: path.stat().st_mtime_ns)


def test_a_text_is_typed_heard_and_spoken_by_the_video_unless_there_is_a_recording(
    visitor: Page, site: Site, files: Files
) -> None:
    give(visitor, files.portrait, files.voice)
    unfold(visitor)
    at(visitor, "text textarea").fill("Hello.")
    finish(visitor)
    expect(at(visitor, "facts")).not_to_contain_text("generated from a text")

    at(visitor, "voice").get_by_label("Clear").click()
    say(visitor, "Hello. I have no recording.")
    expect(at(visitor, "voice-hint")).to_contain_text(SPOKEN)
    finish(visitor)
    expect(at(visitor, "facts .notes")).to_contain_text("The voice is generated from a text")
    _, video = _videos(site)
    found = inspect_video(video)
    assert found.facts is not None
    assert found.facts["generated_voice"] == {
        "engine": "espeak", "voice": "woman", "language": "en", "speed": 1.0,
    }  # fmt: skip
    heard = open_voice(video)
    assert 1.0 < heard.duration < 4.0
    assert heard.peak_dbfs > -20

    # A text that was changed after listening is spoken again.
    at(visitor, "text textarea").fill("Hello, and thank you for listening to all of these words. Goodbye.")
    finish(visitor)
    *_, last = _videos(site)
    assert open_voice(last).duration > heard.duration + 1


def test_generate_speaks_the_typed_text_and_open_restores_it(visitor: Page, site: Site, files: Files) -> None:
    give(visitor, files.portrait)
    unfold(visitor)
    choose(visitor, "text-language", "Mandarin")
    choose(visitor, "text-voice", "Man (espeak-ng)")
    at(visitor, "text textarea").fill("你好，世界。")
    finish(visitor)
    expect(at(visitor, "facts .notes")).to_contain_text("The voice is generated from a text")
    visitor.reload()
    at(visitor, "generate").wait_for()
    visitor.get_by_role("tab", name="Gallery").click()
    at(visitor, "stills button", "gallery").first.click()
    at(visitor, "open", "gallery").click()
    at(visitor, "generate").wait_for()
    expect(at(visitor, "text textarea")).to_be_visible()
    expect(at(visitor, "text textarea")).to_have_value("你好，世界。")
    expect(at(visitor, "text-language input")).to_have_value("Mandarin")
    expect(at(visitor, "text-voice input")).to_have_value("Man (espeak-ng)")
    expect(at(visitor, "portrait img")).to_have_count(1)
    agree(visitor)
    finish(visitor)
    assert len(site.rehearsal.jobs) == 2


def test_a_text_is_shown_for_reading_aloud_and_what_cannot_be_spoken_is_reported_beside_it(
    visitor: Page,
) -> None:
    unfold(visitor)
    at(visitor, "text textarea").fill("First line\n<b>second</b> line")
    at(visitor, "text-prompt").click()
    lines = at(visitor, "text-prompter").get_by_role("region", name="Text to read aloud").locator("p")
    expect(lines).to_have_text(["First line", "<b>second</b> line"])
    at(visitor, "text-prompt").click()
    expect(at(visitor, "text-prompter")).to_be_hidden()

    for text, problem in (
        ("", "The text is empty"),
        ("...", "The text has no words"),
        ("ありがとう", "does not speak Japanese"),
        ("x" * 5001, "has 5001 characters; at most 5000"),
    ):
        say(visitor, text)
        expect(at(visitor, "text-hint .problem")).to_contain_text(problem)
        expect(at(visitor, "text-listen")).to_be_enabled()
        expect(at(visitor, "voice audio")).to_have_count(0)


def test_speaking_is_cancelled_and_language_voice_and_speed_are_the_visitors(visitor: Page) -> None:
    unfold(visitor)
    Patient.ended.clear()
    choose(visitor, "text-voice", "Slow (Patient)")
    expect(at(visitor, "text-hint")).to_contain_text("Takes its time.")
    say(visitor, "A long story")
    expect(at(visitor, "text-hint")).to_contain_text("s are spoken")
    at(visitor, "text-cancel").click()
    expect(at(visitor, "text-hint")).to_contain_text("Takes its time.")
    expect(at(visitor, "text-cancel")).to_be_hidden()
    assert Patient.ended.wait(20)
    expect(at(visitor, "voice audio")).to_have_count(0)
    choose(visitor, "text-voice", "Woman (espeak-ng)")
    say(visitor, "Hello again.")
    expect(at(visitor, "voice-hint")).to_contain_text(SPOKEN)

    at(visitor, "voice").get_by_label("Clear").click()
    expect(at(visitor, "voice-hint")).not_to_contain_text(SPOKEN)
    choose(visitor, "text-language", "Mandarin")
    choose(visitor, "text-voice", "Man (espeak-ng)")
    at(visitor, "text-speed input[type=number]").fill("2")
    say(visitor, "你好，世界。")
    expect(at(visitor, "voice-hint")).to_contain_text(SPOKEN)


def test_a_recording_can_be_cut_and_a_spoken_text_is_changed_in_its_box(visitor: Page, files: Files) -> None:
    cut = at(visitor, "voice").get_by_role("button", name=re.compile("Trim"))
    give(visitor, voice=files.voice)
    expect(cut).to_be_visible()
    at(visitor, "voice").get_by_label("Clear").click()
    unfold(visitor)
    say(visitor, "Hello.")
    expect(at(visitor, "voice-hint")).to_contain_text(SPOKEN)
    expect(cut).to_have_count(0)
    at(visitor, "voice").get_by_label("Clear").click()
    give(visitor, voice=files.voice)
    expect(cut).to_be_visible()


def test_a_speech_engine_without_its_weights_is_downloaded_in_one_step(
    window: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Hub
) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))
    settings = Settings(port=0, outputs=tmp_path / "outputs")
    registry.register(replace(SPEC, name="melody", title="Melody", packages=Packages()))
    page = build(settings, [animate_tab(engines.spec_of("preview"))])
    with served(settings, page) as url:
        window.goto(url)
        at(window, "text-fold", "preview").get_by_role("button").first.click()
        at(window, "text-voice input", "preview").click()
        window.get_by_role("option", name="Heart, woman (Melody)").click()
        button = at(window, "text-fetch", "preview")
        expect(button).to_have_text("Download Melody, 103 MB")
        at(window, "text textarea", "preview").fill("Hello")
        at(window, "text-listen", "preview").click()
        expect(at(window, "text-hint .problem", "preview")).to_contain_text("is missing")
        hub.go.clear()
        button.click()
        expect(at(window, "text-fetch-progress", "preview")).to_contain_text(
            "File 1 of 1: model_quantized.onnx"
        )
        expect(button).to_be_hidden()
        hub.go.set()
        expect(window.locator(".toast-body")).to_contain_text("The weights are installed")
        expect(button).to_be_hidden()
        assert ("onnx-community/Kokoro-82M-v1.0-ONNX", "voices/zm_yunxi.bin") in hub.asked
    registry.unregister("melody")


def test_spoken_texts_of_an_address_are_limited_like_its_uploads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    bounded = Settings(outputs=tmp_path / "outputs", uploads_per_hour=1)
    speak = speak_function(bounded, Ledger(bounded))
    visit: Any = SimpleNamespace(request=SimpleNamespace(scope={"client": ("192.0.2.1", 1), "headers": []}))
    hints = []
    for _ in range(2):
        *_, last = speak("Hello", "", "espeak/woman", 1.0, None, visit)
        assert isinstance(last, LastValue)
        hints.append(last.update[2])
    assert "It sounds robotic" in hints[0]
    assert "has uploaded 1 times in the last hour" in hints[1]
    assert len(list(tmp_path.glob("*/woman.wav"))) == 1


def test_a_text_that_is_not_spoken_leaves_no_folder(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "uploads"))
    (tmp_path / "uploads").mkdir()
    short = settings.model_copy(update={"max_seconds": 0.2})
    visit: Any = SimpleNamespace(request=SimpleNamespace(scope={"client": ("192.0.2.1", 1), "headers": []}))
    speak = speak_function(short, Ledger(short))
    *_, last = speak("This is too long.", "", "espeak/woman", 1.0, None, visit)
    assert isinstance(last, LastValue)
    assert "takes longer than 0.2 s" in last.update[2]
    cancelled = speak_function(settings, Ledger(settings))(
        "Hello " * 20, "", "espeak/woman", 1.0, None, visit
    )
    next(cancelled)
    next(cancelled)
    cancelled.close()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_the_page_starts_without_a_speech_engine_and_says_what_one_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = replace(registry.spec_of("espeak").packages, names=("not_installed",))
    only = replace(registry.spec_of("espeak"), packages=nothing)
    registry.unload("espeak")
    monkeypatch.setattr(registry, "specs", lambda: [only])
    monkeypatch.setattr(registry, "spec_of", lambda name: only)
    settings = Settings(port=0, outputs=tmp_path / "outputs")
    assert build(settings, [animate_tab(engines.spec_of("preview"))]).fns
    monkeypatch.setenv(FOLDER, str(tmp_path))
    visit: Any = SimpleNamespace(request=SimpleNamespace(scope={"client": ("192.0.2.1", 1), "headers": []}))
    *_, last = speak_function(settings, Ledger(settings))("Hello", "", "espeak/woman", 1.0, None, visit)
    assert isinstance(last, LastValue)
    assert "has to be installed on this machine first" in last.update[2]


def test_the_box_speaks_chinese(visitor: Page) -> None:
    visitor.get_by_role("button", name="中文").click()
    unfold(visitor)
    expect(at(visitor, "text-listen")).to_have_text("试听")
    say(visitor, "你好。")
    expect(at(visitor, "voice-hint")).to_contain_text("声音由语音引擎 espeak 根据文字生成。")
    say(visitor, "")
    expect(at(visitor, "text-hint .problem")).to_contain_text("文字是空的")
