"""SubRip and WebVTT: valid files are read, and all others end in a message."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.documents.subtitles import SUBTITLES, Cue, parse_subtitles, read_subtitles
from media.errors import DocumentError

WEBVTT = """WEBVTT - some talk

STYLE
::cue { color: red }

NOTE This --> is no cue

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Ada>Hello <c.loud>there</c></v> &amp; you
<00:00:01.500>再见

01:00:03.000 --> 01:00:04.000
3 < 4 {and}
"""


def test_both_formats_are_read() -> None:
    assert parse_subtitles(WEBVTT) == [
        Cue(1.0, 2.5, "Hello there & you\n再见"),
        Cue(3603.0, 3604.0, "3 < 4 {and}"),
    ]
    first = "1\r\n00:00:03,5 --> 00:00:04,25\r\n{\\an8}<b>Zwei</b>\r\n\r\n"
    srt = f"{first}2\r\n00:00:01,000-->00:00:02,000\r\nEins\r\n"
    assert parse_subtitles(srt) == [Cue(1.0, 2.0, "Eins"), Cue(3.5, 4.25, "Zwei")]


def test_files_in_utf_16_are_read_and_others_must_be_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "talk.srt"
    text = "1\n00:00:01,000 --> 00:00:02,000\n你好\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        file.write_text(text, encoding=encoding)
        assert read_subtitles(file) == [Cue(1.0, 2.0, "你好")]
    file.write_text(text, encoding="gb18030")
    with pytest.raises(DocumentError, match="save the file as UTF-8"):
        read_subtitles(file)


def test_times_in_the_wrong_order_are_named_with_their_line() -> None:
    with pytest.raises(DocumentError, match=r"line 2 ends at 1\.000 s, and it begins at 2\.000 s"):
        parse_subtitles("1\n00:00:02,000 --> 00:00:01,000\nHello\n")


def test_too_many_and_too_long_cues_are_refused(tmp_path: Path) -> None:
    cue = "00:00:01,000 --> 00:00:02,000\nHello\n\n"
    with pytest.raises(DocumentError, match="more than 20000 cues"):
        parse_subtitles(cue * (SUBTITLES.nodes + 1))
    with pytest.raises(DocumentError, match="1001 characters; at most 1000"):
        parse_subtitles("00:00:01,000 --> 00:00:02,000\n" + "x" * 1001)
    file = tmp_path / "large.srt"
    file.write_text("\n" * (SUBTITLES.size + 1))
    with pytest.raises(DocumentError, match="more than 4000000 bytes"):
        read_subtitles(file)


LINES = st.text(string.ascii_letters + "äß你好，！&;'\"()", min_size=1, max_size=40).filter(
    lambda line: "&" not in line
)
CUES = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(1, 10**5), st.lists(LINES, min_size=1, max_size=3)),
    min_size=1,
    max_size=8,
)


def clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


@given(CUES, st.sampled_from([",", "."]), st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_is_written_is_read(cues: list[tuple[int, int, list[str]]], point: str, ending: str) -> None:
    text = "".join(
        f"{number}{ending}{clock(start, point)} --> {clock(start + length, point)}{ending}"
        f"{ending.join(lines)}{ending}{ending}"
        for number, (start, length, lines) in enumerate(cues)
    )
    wanted = [Cue(start / 1000, (start + length) / 1000, "\n".join(lines)) for start, length, lines in cues]
    found = parse_subtitles(text)
    ordered = sorted(wanted, key=lambda cue: (cue.start, cue.end))
    assert [cue.text for cue in found] == [cue.text for cue in ordered]
    assert [cue.start for cue in found] == pytest.approx([cue.start for cue in ordered])
    assert [cue.end for cue in found] == pytest.approx([cue.end for cue in ordered])


PIECES = st.sampled_from(
    ["-->", "00:00:01,000", "1:2.3", "<", ">", "<c.", "{\\", "}", "&#0;", "&lt;", "\n", "\ud800", "WEBVTT"]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=30).map(" ".join))
def test_any_text_gives_cues_or_a_sentence(text: str) -> None:
    try:
        cues = parse_subtitles(text)
    except DocumentError:
        return
    for cue in cues:
        assert cue.start < cue.end
        assert cue.text.strip()
        assert all(line.strip() == line and line for line in cue.text.split("\n"))
