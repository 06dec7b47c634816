"""Files of any name are used, and a browser saves videos under names that every disk accepts."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Dialog, FilePayload, Page, expect

from tests.conftest import write_voice
from tests.ui.rehearsal import ENGINE
from tests.ui.visit import Files, Site, at, finish, take_away

TABS = (ENGINE,)

NAMES = (
    "x" * 240,
    "../../a\"b';<img src=x onerror=alert(1)>\n",
    "=cmd|' /C calc'!A0 👩\u200d🚀 山田\u3000太郎 turned\u202egnp.exe",
)
PLAIN = re.compile(r"joystudio-[A-Za-z0-9_][A-Za-z0-9_-]{0,39}-seed0\.mp4")


def test_odd_names_are_used_and_files_are_saved_under_plain_ones(
    visitor: Page, site: Site, files: Files, tmp_path: Path
) -> None:
    spoken: list[Dialog] = []
    visitor.on("dialog", lambda dialog: spoken.append(dialog))
    voice = write_voice(tmp_path / "voice.wav", seconds=0.4).read_bytes()
    for name in NAMES:
        take_away(visitor, "portrait", "Remove Image")
        take_away(visitor, "voice", "Clear")
        bring(visitor, "portrait", f"{name}.png", "image/png", files.portrait.read_bytes())
        at(visitor, "portrait img").wait_for(state="attached")
        bring(visitor, "voice", f"{name}.wav", "audio/wav", voice)
        at(visitor, "voice").locator(".waveform-container, audio").first.wait_for(state="attached")
        finish(visitor)
        with visitor.expect_download() as download:
            at(visitor, "download").click()
        assert PLAIN.fullmatch(download.value.suggested_filename), name
        assert download.value.path().stat().st_size > 1000
        expect(visitor.locator(".toast-body")).to_have_count(0)
    assert spoken == []
    assert all(re.fullmatch(r"[0-9a-f]{16}\.mp4", path.name) for path in site.videos())


def bring(page: Page, part: str, name: str, kind: str, content: bytes) -> None:
    """Choose a file that no disk has to hold under this name."""
    given: FilePayload = {"name": name, "mimeType": kind, "buffer": content}
    at(page, f"{part} input[type=file]").set_input_files(given)
