"""What a live recording brings back into the page: its portrait, and no voice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from media.desk.edit import PortraitEdit
from studio.gallery.history import History
from studio.live.recording import SPEECH
from studio.live.socket import SessionArguments
from studio.settings import Settings
from tests.studio.test_history import make_result
from ui.given_inputs import given_of, note_given_live
from ui.uploads import FOLDER


def test_a_live_recording_brings_back_its_portrait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "uploads"))
    settings = Settings(outputs=tmp_path / "outputs", history=tmp_path / "history.sqlite")
    portrait = tmp_path / "uploads" / "me.png"
    portrait.parent.mkdir()
    portrait.write_bytes(b"a picture")
    result = replace(make_result("1", settings.outputs / f"{'a' * 16}.mp4"), speech=SPEECH)
    History(settings.history).record(result, "ann")
    before = given_of(result, settings)
    assert before.missing == "The portrait of this video is no longer stored. Add it again."

    edit = PortraitEdit(background="#00b140")
    opening = SessionArguments(
        portrait=portrait, face_index=1, portrait_edit=edit, look_ahead_ms=300, owner="ann"
    )
    note_given_live(result, opening, settings)
    given = given_of(result, settings)
    assert (given.portrait, given.face_index, given.edit) == (portrait, 1, edit)
    assert (given.look_ahead_ms, given.voice, given.missing) == (300, None, "")
    portrait.unlink()  # after `keep_hours`
    again = given_of(result, settings).portrait
    assert again is not None
    assert again.read_bytes() == b"a picture"
