"""Subtitles on frames: at the right time, inside the frame, in every script that a font has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.documents.subtitles import Cue
from media.errors import InputError
from studio.clips.export import export
from studio.clips.fonts import font_files, fonts_for
from studio.clips.options import ExportOptions, clip_options
from studio.clips.subtitle_track import SubtitleTrack
from studio.clips.text_picture import text_picture, wrapped
from studio.settings import Settings
from tests.studio.clips.sources import frames_of, last, levels, make_video

SRT = """1
00:00:00,400 --> 00:00:01,200
Grüße

2
00:00:02,000 --> 00:00:02,480
<i>Second</i>

3
00:00:09,000 --> 00:00:10,000
Late
"""
GREY = np.full((120, 160, 3), 90, np.uint8)


def test_they_appear_and_go_at_their_times(tmp_path: Path, settings: Settings) -> None:
    plain = make_video(tmp_path / "plain.mp4", levels((160, 120), 90, 90), seconds=3.0)
    file = tmp_path / "talk.srt"
    file.write_text(SRT, encoding="utf-8")
    options = clip_options(ExportOptions, {"subtitle_size": 10})
    edited = last(export(plain, tmp_path / "out.mp4", options, settings, subtitles=file))
    assert edited.notes == ("1 of 3 subtitles begin after the video's end at 3.0 s and are not shown.",)
    pictures = frames_of(edited.path).astype(int)
    marked = [bool((np.abs(picture - 90) > 60).any()) for picture in pictures]
    shown = [number for number, has in enumerate(marked) if has]
    assert shown == [*range(10, 30), *range(50, 62)]
    rows, columns = np.nonzero((np.abs(pictures[15] - 90) > 60).any(axis=2))
    assert rows.min() > 60
    assert rows.max() < 119
    assert abs((columns.min() + columns.max()) / 2 - 80) < 4


def test_overlapping_cues_stand_together_in_their_order() -> None:
    cues = [Cue(0, 10, "long"), Cue(1, 2, "short"), Cue(3, 4, "other")]
    track = SubtitleTrack(cues, (160, 120), 8, fonts_for("longshorte"))
    assert [track.text_at(time) for time in (0.5, 1.5, 2.0, 3.5, 10.0)] == [
        "long",
        "long\nshort",
        "long",
        "long\nother",
        "",
    ]


def test_more_at_once_than_can_be_read_is_refused() -> None:
    track = SubtitleTrack([Cue(0, 9, "x" * 600), Cue(2, 9, "x" * 600)], (160, 120), 8, fonts_for("x"))
    assert track.text_at(1.5) == "x" * 600
    with pytest.raises(InputError, match=r"2 subtitles with 1200 characters are shown together at 3\.0 s"):
        track.text_at(3.0)


def test_a_long_text_becomes_smaller_and_a_hopeless_one_is_refused() -> None:
    fonts = fonts_for("word ")
    track = SubtitleTrack([Cue(0, 1, "word " * 16)], (160, 120), 15, fonts)
    drawn = track.drawn(GREY, 0.5)
    rows = np.nonzero((drawn != 90).any(axis=(1, 2)))[0]
    assert rows.min() > 40
    hopeless = SubtitleTrack([Cue(0, 1, "word " * 150)], (160, 120), 15, fonts)
    with pytest.raises(InputError, match=r"needs \d+ lines, which fill more than half of a frame of 160x120"):
        hopeless.drawn(GREY, 0.5)


def test_lines_are_broken_at_spaces_and_between_chinese_signs(chinese_font: Path) -> None:
    text = "one two three 你好，世界。"
    fonts = fonts_for(text, chinese_font)
    lines = wrapped(text, 80, 16, fonts)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) > 2
    assert not any(line[0] in "，。" for line in lines)
    assert not any(line != line.strip() for line in lines)
    assert all("one" in line or "on" not in line for line in lines)


def test_chinese_is_drawn_with_shapes_of_its_own(chinese_font: Path) -> None:
    fonts = fonts_for("Hello 你好", chinese_font)
    one, other = (text_picture(text, 400, 40, fonts) for text in ("你", "好"))
    assert (one[..., 3] > 128).mean() > 0.1
    assert one.shape != other.shape or (one != other).any()
    assert len(fonts.files) == 2
    assert [run for _, run in fonts.runs("Hello 你好")] == ["Hello ", "你好"]


def test_characters_without_a_font_are_named() -> None:
    with pytest.raises(InputError, match=r"has 1 of the characters: .*f1234.*--font"):
        fonts_for("Hello \U000f1234")


def test_a_font_can_be_named_and_must_be_one(tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes(font_files()[0].read_bytes())
    assert fonts_for("Hello", own).files[0] == own
    own.write_text("no font")
    with pytest.raises(InputError, match="cannot be read"):
        fonts_for("Hello", own)


def test_files_that_are_no_subtitles_are_refused(clock: Path, tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "talk.srt"
    for content, said in ((b"Hello", "no cue"), (b"\xff\xd6\xd0", "not valid UTF-8; save the file as UTF-8")):
        file.write_bytes(content)
        with pytest.raises(InputError, match=said):
            last(export(clock, tmp_path / "out.mp4", settings=settings, subtitles=file))
    with pytest.raises(InputError, match="There are no subtitles"):
        last(export(clock, tmp_path / "out.mp4", settings=settings, subtitles=tmp_path / "none.srt"))
