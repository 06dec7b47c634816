"""Messages of a child arrive with their templates, and are checked."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest

from media.decoding.answers import expect
from media.decoding.child import ChildFailed
from media.decoding.decoding import DIRECT
from media.decoding.isolated import IsolatedDecoding
from media.errors import PortraitError


def test_errors_and_notes_of_a_child_keep_what_they_are_translated_by(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    decoding = IsolatedDecoding()
    with contextlib.closing(decoding), pytest.raises(PortraitError) as caught:
        decoding.open_picture(empty, 512)
    with pytest.raises(PortraitError) as direct:
        DIRECT.open_picture(empty, 512)
    assert caught.value.message == direct.value.message
    assert caught.value.message.template == direct.value.message.template
    assert "…" in direct.value.message.template


@pytest.mark.parametrize("text", [["… is", "a", "b"], ["…", 3], 7, ["…", "x" * 3000], ["…", ["…"] * 20]])
def test_an_invalid_message_of_a_child_is_refused(text: Any) -> None:
    with pytest.raises(ChildFailed, match="the decoder sent"):
        expect({"kind": "error", "error": "PortraitError", "text": text}, "picture", PortraitError)
