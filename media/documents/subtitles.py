"""Reads subtitles from SubRip (.srt) and WebVTT (.vtt) files.

SubRip has no standard; WebVTT is W3C's "WebVTT: The Web Video Text Tracks Format". Both have cues of the form
`00:00:01,000 --> 00:00:02,500`, then lines of text up to an empty line. Only the text and its times are read,
not styles, positions and regions.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from media.documents.bounds import Bounds, check_text
from media.documents.quoting import quoted
from media.documents.text import read_text
from media.errors import DocumentError

SUBTITLES = Bounds(4_000_000, nodes=20_000, text=1_000)
"""A film of two hours has about 2,000 cues and 100 kB. nodes: cues; text: characters of one cue."""
EXAMPLE = "00:00:01,000 --> 00:00:02,500"

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?=\s|$)")
_TAG = re.compile(r"</?(?:[bius]|c|v|rt|ruby|lang|font|span)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}")
"""Tags of both formats, WebVTT's times inside a cue, and the overrides of Advanced SubStation Alpha."""
_INSTRUCTIONS = frozenset("\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{ZERO WIDTH JOINER}")
"""Invisible characters that decide how others are drawn; other control characters are dropped."""


@dataclass(frozen=True)
class Cue:
    """One subtitle. start, end: seconds, start < end. text: its lines, not empty."""

    start: float
    end: float
    text: str


def read_subtitles(path: Path) -> list[Cue]:
    """The cues of a file, in order of their start.

    Raises DocumentError for a file that cannot be read, is not text, has no cue, or exceeds SUBTITLES.
    """
    return parse_subtitles(read_text(path, SUBTITLES))


def parse_subtitles(text: str) -> list[Cue]:
    """The same for the text of a file. Lines outside cues are skipped: numbers, names, notes, styles."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues: list[Cue] = []
    at = 0
    while at < len(lines):
        timing = _TIMING.match(lines[at]) if "-->" in lines[at] else None
        if timing is None:
            at += 1
            continue
        begin = at
        at += 1
        while at < len(lines) and lines[at].strip() and not _opens_cue(lines[at]):
            at += 1
        cue = _cue(timing, lines[begin + 1 : at], begin + 1)
        if cue is None:
            continue
        cues.append(cue)
        if len(cues) > SUBTITLES.nodes:
            raise DocumentError("it has more than {most} cues, the limit for subtitles", most=SUBTITLES.nodes)
    if not cues:
        raise DocumentError("it has no cue with a time and a text, such as {example}", example=EXAMPLE)
    return sorted(cues, key=lambda cue: (cue.start, cue.end))


def webvtt(cues: Iterable[Cue]) -> str:
    """The cues as the text of a WebVTT file."""
    parts = (
        f"{_stamp(cue.start)} --> {_stamp(cue.end)}\n{html.escape(cue.text, quote=False)}\n" for cue in cues
    )
    return "\n".join(("WEBVTT\n", *parts))


def _stamp(seconds: float) -> str:
    thousandths = round(1000 * seconds)
    minutes, thousandths = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{thousandths // 1000:02}.{thousandths % 1000:03}"


def _opens_cue(line: str) -> bool:
    """Whether a cue begins without an empty line before it."""
    return "-->" in line and _TIMING.match(line) is not None


def _cue(timing: re.Match[str], lines: list[str], number: int) -> Cue | None:
    """The cue of a timing line and the lines below it; None if nothing is left to show."""
    parts = timing.groups()
    start, end = _seconds(parts[:4]), _seconds(parts[4:])
    if end <= start:
        raise DocumentError(
            "the cue in line {number} ends at {end:.3f} s, and it begins at {start:.3f} s; correct its times",
            number=number,
            end=end,
            start=start,
        )
    text = "\n".join(filter(None, (_plain(line) for line in lines)))
    if len(text) > SUBTITLES.text:
        raise DocumentError(
            'the cue in line {number}, "{text}", has {length} characters; at most {most} are allowed',
            number=number,
            text=quoted(text, 40),
            length=len(text),
            most=SUBTITLES.text,
        )
    check_text(text, SUBTITLES)
    return Cue(start, end, text) if text else None


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    whole = 3600 * int(hours or 0) + 60 * int(minutes or 0) + int(seconds or 0)
    return whole + int((fraction or "0").ljust(3, "0")) / 1000


def _plain(line: str) -> str:
    """One line without tags and control characters, with its entities resolved."""
    text = html.unescape(_TAG.sub("", line))
    kept = (sign if _visible(sign) else " " if sign == "\t" else "" for sign in text)
    return " ".join("".join(kept).split())


def _visible(sign: str) -> bool:
    return sign in _INSTRUCTIONS or unicodedata.category(sign) not in ("Cc", "Cf", "Zl", "Zp")
