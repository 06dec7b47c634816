"""Reads marks: keyframes, of which the option `marks` keeps the shortest form in JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from engines.emotion.parsing import emotion_named
from engines.emotion.shapes import NAMES
from engines.marks.table import is_table, table_tracks
from engines.marks.tagged import WORDS, check_untimed, is_timed_words, tracks_of_cues, tracks_of_words
from media.documents.bounds import OPTIONS, Bounds
from media.documents.json_text import parse_json
from media.documents.quoting import quoted
from media.documents.subtitles import parse_subtitles
from media.errors import DocumentError
from media.performance.keyed_track import KeyedTrack

VERSION = 1
MOST_KEYS = 1000
TURNS = ("headYaw", "headPitch", "headRoll")
"""Turns of the head in degrees that are added to its motion: to the person's right, down, and clockwise as
one looks at the picture."""
OPPOSITE = {"head_yaw": "headYaw", "head_pitch": "headPitch"}
"""Turns by the names of options, to the right of the picture and up: the turn that goes the other way."""
MOST_DEGREES = 30.0

_LABEL = re.compile(r"\s*\[\s*[^\W\d_]")
"""What no JSON begins with: a tag."""

Ranges = Mapping[str, tuple[float, float]]
"""The names of options that may have marks, with their least and greatest value."""


@dataclass(frozen=True, eq=False)
class MarkedTrack:
    """kind: of what `name` is: "option", "emotion" or "turn". track: its keys."""

    kind: str
    name: str
    track: KeyedTrack


def canonical_marks(given: Any, ranges: Ranges) -> str:
    """The shortest JSON of marks that are given as the text of a file, or as the value of JSON; "" for none.

    Raises DocumentError for what cannot be read, a name that cannot have marks, and a value out of range.
    """
    if given is None or given == "":
        return ""
    document = marks_document(given, OPTIONS) if isinstance(given, str) else _untagged(given)
    tracks = _tracks(document, ranges)
    keys = sum(len(one.track.times) for one in tracks)
    if keys > MOST_KEYS:
        raise DocumentError("it has {count} keys; at most {most} are read", count=keys, most=MOST_KEYS)
    names = [one.name for one in tracks]
    for name in names:
        if names.count(name) > 1:
            raise DocumentError('the track "{name}" is in it twice; join its keys', name=name)
    if not tracks:
        return ""
    written = [
        {
            "name": one.name,
            "ease": one.track.ease,
            "keys": [
                [round(t, 4), round(v, 4)] for t, v in zip(one.track.times, one.track.values, strict=True)
            ],
        }
        for one in sorted(tracks, key=lambda one: one.name)
    ]
    return json.dumps({"version": VERSION, "tracks": written}, separators=(",", ":"))


def marks_document(text: str, bounds: Bounds = WORDS) -> Any:
    """The tracks in a file's text: keyframes in JSON, a table, or words with times and tags.

    Raises DocumentError for what cannot be read; `canonical_marks` checks names and values.
    """
    if text.lstrip()[:1] in ("{", "[") and not _LABEL.match(text):
        return _untagged(parse_json(text, bounds))
    if "-->" in text:
        return tracks_of_cues(parse_subtitles(text))
    if not is_table(text):
        check_untimed(text)
    return table_tracks(text)


def _untagged(document: Any) -> Any:
    return tracks_of_words(document) if is_timed_words(document) else document


@lru_cache(maxsize=16)
def marked_tracks(text: str, names: tuple[str, ...]) -> tuple[MarkedTrack, ...]:
    """The tracks of a canonical text. names: of options that may have marks."""
    if not text:
        return ()
    return tuple(_tracks(json.loads(text), dict.fromkeys(names, (-math.inf, math.inf))))


def _tracks(document: Any, ranges: Ranges) -> list[MarkedTrack]:
    found = document.get("tracks") if isinstance(document, dict) else document
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise DocumentError('its "tracks" is not a list of objects with "name" and "keys"')
    if isinstance(document, dict) and document.get("version", VERSION) != VERSION:
        raise DocumentError(
            'its "version" is {found}; version {known} is read',
            found=quoted(str(document["version"]), 20),
            known=VERSION,
        )
    return [_track(one, ranges) for one in found]


def _track(given: Mapping[str, Any], ranges: Ranges) -> MarkedTrack:
    track = KeyedTrack(given)
    plain = track.name.replace("_", "").replace("-", "").casefold()
    options = {name.replace("_", ""): name for name in ranges}
    turns = {name.casefold(): name for name in TURNS}
    spelled = track.name.replace("-", "_").casefold()
    emotion = emotion_named(track.name)
    if plain in options:
        kind, name = "option", options[plain]
        least, most = ranges[name]
    elif spelled in turns or spelled in OPPOSITE:
        kind, name, least, most = "turn", turns[plain], -MOST_DEGREES, MOST_DEGREES
        if track.unit not in (None, "", "deg", "rad"):
            raise DocumentError(
                'its track "{name}" has the unit "{unit}"; angles are in deg or rad',
                name=name,
                unit=quoted(str(track.unit), 20),
            )
        if track.unit == "rad":
            track.values = [math.degrees(value) for value in track.values]
    elif emotion:
        kind, name, least, most = "emotion", emotion, 0.0, 1.0
    else:
        raise _unknown(track.name, [*ranges, *TURNS, *OPPOSITE, *NAMES[1:]])
    if kind != "turn" and track.unit not in (None, "", "0..1"):
        raise DocumentError(
            'its track "{name}" has the unit "{unit}"; its values have none, so leave it out',
            name=name,
            unit=quoted(str(track.unit), 20),
        )
    low, high = min(track.values), max(track.values)
    if low < least or high > most:
        raise DocumentError(
            'its track "{name}" has the value {value}, but takes {least} to {most}',
            name=name,
            value=f"{low if low < least else high:.4g}",
            least=f"{least:g}",
            most=f"{most:g}",
        )
    if spelled in OPPOSITE:
        track.values = [0.0 - value for value in track.values]
    return MarkedTrack(kind, name, track)


def _unknown(name: str, known: Sequence[str]) -> DocumentError:
    near = get_close_matches(name, known, n=3, cutoff=0.6) or known
    return DocumentError(
        'its track "{name}" moves nothing; marks take {known}', name=quoted(name, 30), known=", ".join(near)
    )
