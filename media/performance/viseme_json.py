"""Writes Oculus visemes as JSON: a weight curve for each viseme, and the same as a list with milliseconds.

The curves have the form of an OpenFaceFX track, whose readers ignore what they do not know, so that the list
can stand beside them.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import BinaryIO

from media.performance.performance import PerformanceHead
from media.performance.visemes import ALL_VISEMES, VISEMES, VisemeCue

FADE = 0.03
"""Seconds before and after a boundary in which one viseme passes into the next."""
_IN_MEMORY, _COPIED = 65_536, 2**16


def write_visemes(file: BinaryIO, cues: Iterable[VisemeCue], about: PerformanceHead) -> None:
    """Write the file. Memory does not grow with the number of cues. Raises OSError."""
    lists = ("visemes", "vtimes", "vdurations")
    with ExitStack() as open_files:
        spools = {
            name: open_files.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))
            for name in (*VISEMES, *lists)
        }

        def append(name: str, text: str) -> None:
            spools[name].write(f"{',' if spools[name].tell() else ''}{text}".encode())

        def copy(name: str) -> None:
            spools[name].seek(0)
            while piece := spools[name].read(_COPIED):
                file.write(piece)

        before: VisemeCue | None = None
        for cue, after in _with_next(cues):
            for time, weight in _ramp(before, cue, after, about.duration):
                append(cue.viseme, f"[{time:.4f},{weight}]")
            append("visemes", json.dumps(cue.viseme))
            append("vtimes", str(round(1000 * cue.start)))
            append("vdurations", str(round(1000 * (cue.end - cue.start))))
            before = cue
        head = {
            "format": "openfacefx.track",
            "version": 1,
            "fps": round(float(about.rate), 6),
            "duration": round(about.duration, 4),
            "viseme_set": ALL_VISEMES,
            "soundFile": about.sound,
        }
        file.write(json.dumps(head)[:-1].encode() + b', "channels": [')
        shown = [name for name in VISEMES if spools[name].tell()]
        for number, name in enumerate(shown):
            file.write(("," * bool(number) + f'\n{{"name": "{name}", "keys": [').encode())
            copy(name)
            file.write(b"]}")
        file.write(b"\n]")
        for name in lists:
            file.write(f',\n"{name}": ['.encode())
            copy(name)
            file.write(b"]")
        file.write(b"\n}\n")


def _with_next(cues: Iterable[VisemeCue]) -> Iterator[tuple[VisemeCue, VisemeCue | None]]:
    """Each cue with the one after it."""
    held: VisemeCue | None = None
    for cue in cues:
        if held is not None:
            yield held, cue
        held = cue
    if held is not None:
        yield held, None


def _ramp(
    before: VisemeCue | None, cue: VisemeCue, after: VisemeCue | None, duration: float
) -> list[tuple[float, int]]:
    """The four keys of a cue, times increasing, within the voice.

    A fade stays within 0.4 of both cues at its boundary, so that keys of the same viseme on both sides of a
    short cue keep their order.
    """
    rise, fall = _fade(before, cue), _fade(cue, after)
    keys = [(cue.start - rise, 0), (cue.start + rise, 1), (cue.end - fall, 1), (cue.end + fall, 0)]
    if cue.start <= 0:
        keys = [(0.0, 1), *keys[2:]]
    if cue.end >= duration - 1e-6:
        keys = [*keys[:-2], (duration, 1)]
    return keys


def _fade(before: VisemeCue | None, after: VisemeCue | None) -> float:
    """Seconds of a fade on each side of the boundary between two cues."""
    return min(FADE, *(0.4 * (cue.end - cue.start) for cue in (before, after) if cue is not None))
