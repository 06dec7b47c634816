"""Voices of every kind on the page: visitors may choose or drop every kind that the command line accepts."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.media.clips import write_clip
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import PATIENCE, Files, Site, at, finish, give, take_away

TABS = (ENGINE,)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A video in each of the usual containers."""
    folder = tmp_path_factory.mktemp("films")
    return {
        "mp4": write_clip(folder / "talk.mp4", codec="aac", video="libx264"),
        "webm": write_clip(folder / "talk.webm", codec="libopus", video="libvpx"),
        "mkv": write_clip(folder / "talk.mkv"),
    }


def test_a_video_is_picked_or_dropped_as_a_voice_and_speaks(
    visitor: Page, site: Site, films: dict[str, Path], files: Files
) -> None:
    for film in films.values():
        at(visitor, "voice input[type=file]").set_input_files(film)
        expect(at(visitor, "voice-hint")).to_contain_text("2.0 s of voice", timeout=PATIENCE)
        at(visitor, "voice").locator(".waveform-container, audio").first.wait_for(state="attached")
        take_away(visitor, "voice", "Clear")
        expect(at(visitor, "voice-hint")).not_to_contain_text("2.0 s of voice")
    give(visitor, files.portrait)
    drop(visitor, films["mp4"], "video/mp4")
    expect(at(visitor, "voice-hint")).to_contain_text("2.0 s of voice", timeout=PATIENCE)
    finish(visitor)


def test_what_is_wrong_with_a_voice_is_named_and_stays_when_a_portrait_comes(
    visitor: Page, files: Files, tmp_path: Path
) -> None:
    message = tmp_path / "msg_0128.amr"
    message.write_bytes(b"\x02#!SILK_V3" + bytes(200))
    drop(visitor, message, "")
    expect(at(visitor, "voice-hint")).to_contain_text(
        "a voice message of WeChat or QQ (SILK)", timeout=PATIENCE
    )
    give(visitor, voice=files.silence)
    expect(at(visitor, "voice-hint")).to_contain_text("The voice is silent", timeout=PATIENCE)
    give(visitor, files.portrait)
    expect(at(visitor, "portrait-overlay .face-box")).to_have_count(1)  # which takes longer than the hint
    expect(at(visitor, "voice-hint")).to_contain_text("The voice is silent")


def drop(page: Page, file: Path, kind: str) -> None:
    """Drop a file on the voice as from the desktop."""
    at(page, "voice input[type=file]").wait_for(state="attached")
    page.evaluate(
        """([name, kind, content]) => {
            const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
            const given = new DataTransfer();
            given.items.add(new File([bytes], name, { type: kind }));
            const target = document.querySelector(".voice input[type=file]").parentElement;
            const how = { bubbles: true, cancelable: true, dataTransfer: given };
            target.dispatchEvent(new DragEvent("drop", how));
        }""",
        [file.name, kind, base64.b64encode(file.read_bytes()).decode()],
    )
