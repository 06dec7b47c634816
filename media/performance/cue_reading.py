"""Reads lists of mouth shapes: Rhubarb Lip Sync's files and Moho's switch data, as a performance."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import numpy as np

from media.documents.quoting import quoted, reason_of
from media.errors import DocumentError
from media.messages import said
from media.performance.blendshapes import BLENDSHAPES
from media.performance.performance import MOST_FRAMES, MOST_SECONDS, Performance, too_many_frames
from media.performance.visemes import FROM_RHUBARB, MOVED_BY_VISEMES, PRESTON_BLAIR, SHAPES, VisemeCue

PASSING = 0.04
"""Seconds before and after a boundary in which one shape passes into the next, in longer cues."""
MOHO_RATE = 24
MOST_TAGS = 3 * MOST_FRAMES
"""In XML: each has its own object in memory."""
_RHUBARB_OF = {name.casefold(): shape for shape, name in PRESTON_BLAIR.items()} | {"wq": "F"}
"""Rhubarb's shapes by Preston Blair's names. It has one for U and for W and Q, whose lips are round, too."""
_PLACE = {name: place for place, name in enumerate(BLENDSHAPES)}
_DECLARATION = re.compile(r"<!(?!--)")


def rhubarb_cues(cues: Any) -> list[VisemeCue]:
    """The cues of Rhubarb Lip Sync's JSON. Raises DocumentError."""
    if not isinstance(cues, list) or not all(isinstance(cue, dict) for cue in cues):
        raise DocumentError('its "mouthCues" is not a list of objects')
    return [
        _cue(cue.get("start"), cue.get("end"), cue.get("value"), number) for number, cue in enumerate(cues, 1)
    ]


def read_rhubarb_xml(text: str) -> Performance:
    """The performance of Rhubarb Lip Sync's XML. Raises DocumentError, also for any entity or type."""
    if _DECLARATION.search(text):
        raise DocumentError("it declares a document type or entities, which are not read")
    if (tags := text.count("<")) > MOST_TAGS:
        raise too_many_frames(tags // 2)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise DocumentError("it is not XML: {reason}", reason=reason_of(error)) from None
    found = root.iter("mouthCue")
    return performance_of_cues(
        [
            _cue(cue.get("start"), cue.get("end"), (cue.text or "").strip(), number)
            for number, cue in enumerate(found, 1)
        ]
    )


def read_rhubarb_tsv(text: str) -> Performance:
    """The performance of Rhubarb Lip Sync's TSV, whose last line is the end. Raises DocumentError."""
    starts = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            time, _, shape = line.partition("\t")
            starts.append((_seconds(time, number), shape.strip()))
    return _from_starts(starts)


def read_moho(text: str, rate: Fraction | None) -> Performance:
    """The performance of Moho's switch data, whose frames count from 1 at a rate that it does not say.

    rate: None is 24, Rhubarb Lip Sync's usual one, and a note says so. Raises DocumentError.
    """
    starts = []
    for number, line in enumerate(text.splitlines()[1:], 2):
        if not line.strip():
            continue
        frame, shape = (*line.split(maxsplit=1), "")[:2]
        if not re.fullmatch(r"\d{1,8}", frame) or int(frame) < 1:
            raise DocumentError(
                'line {line} has the time "{text}"; frames are whole numbers from 1',
                line=number,
                text=quoted(frame, 30),
            )
        starts.append(((int(frame) - 1) / float(rate or MOHO_RATE), shape.strip()))
    made = _from_starts(starts)
    if rate is not None:
        return made
    note = said(
        "The switch data were counted at {rate} frames per second, as they do not say their rate.",
        rate=MOHO_RATE,
    )
    return replace(made, notes=(*made.notes, note))


def performance_of_cues(cues: Sequence[VisemeCue]) -> Performance:
    """Cues as blend shapes that pass into each other. Raises DocumentError for none, too many or overlaps."""
    if 2 * len(cues) > MOST_FRAMES:
        raise too_many_frames(2 * len(cues))
    if not cues:
        raise DocumentError("it has no mouth cue")
    for number, (before, after) in enumerate(pairwise(cues), 2):
        if after.start < before.end - 1e-6:
            raise DocumentError(
                "its cue {number} begins at {start:.3f} s, before the cue before it ends",
                number=number,
                start=after.start,
            )
    times, rows = [0.0], [_row("sil" if cues[0].start > 0 else cues[0].viseme)]
    for cue in cues:
        fade = min(PASSING / 2, (cue.end - cue.start) / 3)
        row = _row(cue.viseme)
        for time in (cue.start + fade, cue.end - fade):
            if time > times[-1]:
                times.append(time)
                rows.append(row)
    times.append(max(cues[-1].end, times[-1] + 0.001))
    rows.append(rows[-1])
    return Performance.of(np.array(times), np.stack(rows), has=MOVED_BY_VISEMES)


def _row(viseme: str) -> np.ndarray:
    row = np.zeros(len(BLENDSHAPES), np.float32)
    for name, value in SHAPES[viseme].items():
        row[_PLACE[name]] = value
    return row


def _from_starts(starts: list[tuple[float, str]]) -> Performance:
    if len(starts) < 2:
        raise DocumentError("it has no mouth cue")
    return performance_of_cues(
        [
            _cue(start, end, shape, number)
            for number, ((start, shape), (end, _)) in enumerate(pairwise(starts), 1)
        ]
    )


def _cue(start: Any, end: Any, shape: Any, number: int) -> VisemeCue:
    begin, stop = _seconds(start, number), _seconds(end, number)
    if not 0 <= begin <= stop <= MOST_SECONDS:
        raise DocumentError(
            "its cue {number} lasts from {start:g} s to {end:g} s", number=number, start=begin, end=stop
        )
    name = str(shape).strip()
    known = _RHUBARB_OF.get(name.casefold(), name.upper())
    if known not in FROM_RHUBARB:
        raise DocumentError(
            'its cue {number} has the shape "{shape}"; use A to H and X, or Moho\'s AI, E, etc, FV, L, MBP, '
            "O, rest, U and WQ",
            number=number,
            shape=quoted(name, 20),
        )
    return VisemeCue(begin, stop, FROM_RHUBARB[known])


def _seconds(value: Any, number: int) -> float:
    if isinstance(value, str):
        value = value.strip().replace(",", ".")
    try:
        if not isinstance(value, bool) and math.isfinite(seconds := float(value)):
            return seconds
    except (TypeError, ValueError):
        pass
    raise DocumentError(
        'its cue {number} has the time "{text}", which is not a number of seconds',
        number=number,
        text=quoted(str(value), 30),
    ) from None
