"""Files used as a voice: those on the list are read, others are named with the next step."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.errors import VoiceError
from media.voice import open_voice
from media.voice_kinds import KINDS, SUFFIXES

UNREAD = {
    "msg.amr": (b"\x02#!SILK_V3", "WeChat or QQ"),
    "msg.silk": (b"#!SILK_V3", "WeChat or QQ"),
    "tune.mid": (b"MThd\0\0\0\6\0\1\0\2", "a MIDI file"),
    "song.ncm": (b"CTENFDAM", "NetEase"),
    "song.qmcflac": (b"\xa5\x06\xb7\x89", "QQ Music"),
    "song.mgg": (b"\x1c\x2f\x3a", "QQ Music"),
    "song.kgm": (b"\x7c\xd5\x32\xeb\x86\x02\x7f\x4b\xa8\xaf", "KuGou"),
    "song.m4p": (b"\0\0\0\x20ftypM4P ", "M4P"),
    "voices.zip": (b"PK\x03\x04", "ZIP"),
    "voice.html": (b"<!DOCTYPE html><html>", "a web page"),
    "me.jpg": (b"\xff\xd8\xff\xe0", "image"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_unreadable_kinds_are_named(tmp_path: Path, name: str) -> None:
    begin, told = UNREAD[name]
    (tmp_path / name).write_bytes(begin + bytes(range(1, 200)) * 3)
    with pytest.raises(VoiceError, match=rf"is not a readable audio file: it is .*{told}.*; ") as refusal:
        open_voice(tmp_path / name)
    assert len(str(refusal.value)) < 300


def test_every_suffix_is_unique() -> None:
    assert len(set(SUFFIXES)) == len(SUFFIXES)
    assert all(suffix == suffix.lower() and "." not in suffix for kind in KINDS for suffix in kind.suffixes)
