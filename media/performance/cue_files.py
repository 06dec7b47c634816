"""Writes lists of mouth shapes: Rhubarb Lip Sync's three files and Moho's switch data.

Cues are contiguous from 0 to the end of the voice, with times in hundredths of a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO
from xml.sax.saxutils import escape

from media.performance.performance import PerformanceHead
from media.performance.visemes import PRESTON_BLAIR, RHUBARB, VisemeCue, renamed

CLOSED = "X"
MOHO_RATES = (24, 100)
"""Frames per second that Rhubarb Lip Sync writes for Moho."""


def write_rhubarb_json(file: BinaryIO, cues: Iterable[VisemeCue], about: PerformanceHead) -> None:
    """Write `metadata` and `mouthCues`. Raises OSError."""
    sound = json.dumps({"soundFile": about.sound, "duration": round(about.duration, 2)})
    file.write(f'{{\n  "metadata": {sound},\n  "mouthCues": ['.encode())
    before = ""
    for start, end, shape in renamed(cues, RHUBARB):
        cue = f'{{"start": {start:.2f}, "end": {end:.2f}, "value": "{shape}"}}'
        file.write(f"{before}\n    {cue}".encode())
        before = ","
    file.write(b"\n  ]\n}\n")


def write_rhubarb_tsv(file: BinaryIO, cues: Iterable[VisemeCue], about: PerformanceHead) -> None:
    """Write a line for each start, and a last one for the end with closed lips. Raises OSError."""
    for start, _, shape in renamed(cues, RHUBARB):
        file.write(f"{start:.2f}\t{shape}\n".encode())
    file.write(f"{about.duration:.2f}\t{CLOSED}\n".encode())


def write_rhubarb_xml(file: BinaryIO, cues: Iterable[VisemeCue], about: PerformanceHead) -> None:
    """Write `rhubarbResult` with an element for each cue. Raises OSError."""
    sound = escape("".join(sign if sign.isprintable() else "?" for sign in about.sound))
    head = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n  <metadata>\n    <soundFile>{sound}'
        f"</soundFile>\n    <duration>{about.duration:.2f}</duration>\n  </metadata>\n  <mouthCues>\n"
    )
    file.write(head.encode())
    for start, end, shape in renamed(cues, RHUBARB):
        file.write(f'    <mouthCue start="{start:.2f}" end="{end:.2f}">{shape}</mouthCue>\n'.encode())
    file.write(b"  </mouthCues>\n</rhubarbResult>\n")


def write_moho(file: BinaryIO, cues: Iterable[VisemeCue], about: PerformanceHead) -> None:
    """Write `MohoSwitch1` and a line `frame shape` for each cue; frames count from 1 at its rate.

    A cue that begins in the frame of the cue before it, or at the end, is left out. Raises OSError.
    """
    file.write(b"MohoSwitch1\n")
    latest = 0
    end = max(_moho_frame(about.duration, about), 2)
    for start, _, shape in renamed(cues, RHUBARB):
        if latest < (frame := _moho_frame(start, about)) < end:
            file.write(f"{frame} {PRESTON_BLAIR[shape]}\n".encode())
            latest = frame
    file.write(f"{end} {PRESTON_BLAIR[CLOSED]}\n".encode())


def _moho_frame(seconds: float, about: PerformanceHead) -> int:
    return 1 + int(seconds * about.rate + 1e-6)
