"""Turns tags such as `[happy]` between timed words into marks.

The times come from subtitles (SRT, VTT) or from JSON as Whisper and its relatives write it: `segments` with
`start`, `end` and `text`, of which each may have `words`, or a list of words. A tag has the time of the word
after it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engines.emotion.parsing import NEUTRAL, strengths_of
from engines.emotion.shapes import NAMES
from media.documents.bounds import Bounds
from media.documents.quoting import quoted
from media.documents.subtitles import Cue
from media.errors import DocumentError, OptionError

WORDS = Bounds(4_000_000, nodes=200_000, text=100_000)
"""An hour of speech has about 9,000 words; Whisper repeats the whole text before its segments."""
CHANGE = 0.4
"""Seconds in which the face changes from one tag to the next."""
MOST_TAGS = 500
TAG = re.compile(r"\[([^\[\]\n]{0,60})\]|【([^【】\n]{0,60})】")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class _Timed:
    """A piece of text with its time, start to end in seconds. words: its own, if their times are known."""

    text: str
    start: float
    end: float
    words: tuple[_Timed, ...] = ()


def is_timed_words(value: Any) -> bool:
    """Whether a value from JSON has words with times, and not tracks of marks."""
    if isinstance(value, Mapping):
        return "tracks" not in value and bool({"segments", "words"} & value.keys())
    return isinstance(value, list) and bool(value) and all(map(_is_timed, value))


def tracks_of_cues(cues: Sequence[Cue]) -> list[dict[str, Any]]:
    """The tracks of tags in subtitles. Raises DocumentError for a tag without a time, and without a tag."""
    return _tracks([_Timed(cue.text, cue.start, cue.end) for cue in cues])


def tracks_of_words(value: Any) -> list[dict[str, Any]]:
    """The same for a value that `is_timed_words`."""
    if isinstance(value, list):
        pieces = [_timed(one) for one in value if _is_timed(one)]
    elif isinstance(value.get("segments"), list) and value["segments"]:
        pieces = [_timed(one) for one in value["segments"] if _is_timed(one)]
    else:
        words = _words(value)
        text = value.get("text")
        end = max((one.end for one in words), default=0.0)
        whole = _Timed(text if isinstance(text, str) else "", 0.0, end, words)
        pieces = [whole] if words else []
    return _tracks(pieces)


def check_untimed(text: str) -> None:
    """Raise DocumentError for a plain text with tags, which has no times."""
    if tag := TAG.search(text):
        raise DocumentError(
            "its tag {tag} has no time; give the text as subtitles (SRT, VTT) or as JSON with the times of "
            "words, as Whisper writes it",
            tag=quoted(tag[0], 40),
        )


def emotion_tag(text: str) -> str:
    """The first tag of a text that names an emotion; "" without one. Other brackets are not tags."""
    for tag in TAG.finditer(text):
        try:
            if strengths_of((tag[1] or tag[2] or "").lstrip(" /")):
                return tag[0]
        except OptionError:
            continue
    return ""


def _tracks(pieces: Sequence[_Timed]) -> list[dict[str, Any]]:
    found = islice((change for piece in pieces for change in _changes(piece)), MOST_TAGS + 1)
    changes = sorted(found, key=lambda one: one[0])
    if len(changes) > MOST_TAGS:
        raise DocumentError("it has over {most} tags, the limit", most=MOST_TAGS)
    if not changes:
        raise DocumentError("it has times of words, and no tag; write tags such as [happy] before words")
    named = {name: 0.0 for _, strengths in changes for name in strengths}
    if not named:
        raise DocumentError("its tags are all [neutral]; name an emotion such as [happy] before a word")
    keys: dict[str, list[list[float]]] = {name: [] for name in named}
    for place, (time, strengths) in enumerate(changes):
        after = changes[place + 1][0] if place + 1 < len(changes) else math.inf
        for name in named:
            value = strengths.get(name, 0.0)
            if value != named[name]:
                keys[name] += [[round(time, 3), named[name]], [round(min(time + CHANGE, after), 3), value]]
                named[name] = value
    return [{"name": name, "ease": "smooth", "keys": keys[name]} for name in named]


def _changes(piece: _Timed) -> Iterator[tuple[float, Mapping[str, float]]]:
    """The time of each tag, and the emotions from there on."""
    if any(TAG.search(word.text) for word in piece.words):
        for word in piece.words:
            yield from _changes(_Timed(word.text, word.start, word.end))
        return
    whole = len(_letters(piece.text))
    before = at = 0
    starts: dict[int, float] = {}
    for tag in TAG.finditer(piece.text):
        before += len(_letters(piece.text[at : tag.start()]))
        at = tag.end()
        starts = starts or _starts(piece.words)
        strengths = _emotions(tag)
        yield _time(piece, tag, before, whole - before, starts), strengths


def _emotions(tag: re.Match[str]) -> Mapping[str, float]:
    text = (tag[1] or tag[2] or "").strip()
    try:
        return strengths_of(NEUTRAL if text.startswith("/") else text)
    except OptionError:
        raise DocumentError(
            "its tag {tag} is not an emotion; write a name and perhaps a strength from 0 to 1, as in [happy "
            "0.5], or leave it out; the names are {names}",
            tag=quoted(tag[0], 40),
            names=", ".join(NAMES),
        ) from None


def _time(piece: _Timed, tag: re.Match[str], before: int, after: int, starts: Mapping[int, float]) -> float:
    """When the word after a tag begins, or the last one ends. before, after: letters around the tag."""
    if not after:
        return piece.end if before else piece.start
    if before in starts:
        return starts[before]
    if not before:
        return piece.start
    raise DocumentError(
        "its tag {tag} after {start:.2f} s is between words without times; put it at the beginning of a "
        "subtitle, or give the times of words, as Whisper writes them with word_timestamps",
        tag=quoted(tag[0], 40),
        start=piece.start,
    )


def _starts(words: Sequence[_Timed]) -> dict[int, float]:
    """When words begin, by the number of letters before them."""
    found: dict[int, float] = {}
    at = 0
    for word in words:
        found.setdefault(at, word.start)
        at += len(_letters(word.text))
    return found


def _letters(text: str) -> str:
    """A text without its tags and spaces, which word lists leave out or keep as they like."""
    return _SPACE.sub("", TAG.sub("", text))


def _words(value: Mapping[str, Any]) -> tuple[_Timed, ...]:
    words = value.get("words")
    return tuple(_timed(one) for one in words if _is_timed(one)) if isinstance(words, list) else ()


def _timed(value: Mapping[str, Any]) -> _Timed:
    start, end = float(value["start"]), float(value["end"])
    if not (0 <= start <= end < 1e7):
        raise DocumentError(
            "a word in it lasts from {start:g} s to {end:g} s; correct its times", start=start, end=end
        )
    text = value["word"] if isinstance(value.get("word"), str) else value["text"]
    return _Timed(text, start, end, _words(value))


def _is_timed(value: Any) -> bool:
    """Whether it is a word or a segment. Some programs leave out the times of words they are not sure of."""
    return (
        isinstance(value, Mapping)
        and any(isinstance(value.get(name), str) for name in ("word", "text"))
        and all(
            isinstance(value.get(name), int | float) and not isinstance(value[name], bool)
            for name in ("start", "end")
        )
    )
