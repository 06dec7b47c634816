"""What the gallery says of a live recording, which has no inputs to bring back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.live.recording import SPEECH
from studio.settings import Settings
from tests.studio.test_history import make_result
from ui.given_inputs import given_of


def test_a_live_recording_is_not_said_to_have_lost_its_inputs(tmp_path: Path) -> None:
    settings, result = Settings(outputs=tmp_path), make_result("1", tmp_path / "a.mp4")
    assert "no longer stored" in given_of(result, settings).missing
    assert "live session keeps no portrait" in given_of(replace(result, speech=SPEECH), settings).missing
