"""Reads a performance from any of the files that other programs write; the content tells which it is."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Literal

from media.documents.text import MARKS, decoded, read_bytes
from media.errors import DocumentError, PerformanceError
from media.performance.cue_reading import read_moho, read_rhubarb_tsv, read_rhubarb_xml
from media.performance.json_reading import read_performance_json
from media.performance.performance import Performance
from media.performance.vrm_animation import EXTENSION, MAGIC
from media.performance.vrm_animation_reading import read_vrm_animation
from media.performance.wide_csv_reading import read_wide_csv

LARGEST = 40_000_000
"""Bytes. Ten minutes of 61 columns at 60 frames per second have 20 million."""
LARGEST_CUES = 4_000_000
"""Bytes of a list of cues. Ten hours of speech have 3 million as XML."""
BEGINNING = 64
"""Bytes in which every usual kind of binary file has a zero byte, and text has none."""
Angles = Literal["auto", "deg", "rad"]
READ = (
    "Live Link Face or Audio2Face CSV, Audio2Face, Rhubarb or keyframe JSON, Rhubarb XML or TSV, Moho .dat "
    "or .vrma"
)


def read_performance(path: Path, *, rate: Fraction | None = None, angles: Angles = "auto") -> Performance:
    """The performance in a file. Nothing in it is executed, and nothing outside it is read.

    rate: frames per second, for files that do not say it. angles: the unit of the head's and eyes' angles;
    "auto" finds it. Raises PerformanceError with the reason.
    """
    if not path.is_file():
        raise PerformanceError('There is no performance at "{path}"; check the path.', path=path)
    try:
        return _read(read_bytes(path, LARGEST), rate, angles)
    except DocumentError as error:
        raise PerformanceError(
            "{name} cannot be used as a performance: {reason}. These are read: {kinds}.",
            name=path.name,
            reason=error,
            kinds=READ,
        ) from None


def _read(content: bytes, rate: Fraction | None, angles: str) -> Performance:
    if content[:4] == struct.pack("<I", MAGIC):
        return read_vrm_animation(content, rate)
    if content[:1] == b"\x80":
        raise DocumentError("it is a pickle, which may contain a program and is not opened")
    if b"\0" in content[:BEGINNING] and not content.startswith(tuple(mark for mark, _ in MARKS)):
        raise DocumentError("it is a binary file of another kind, such as a picture, a sound or a scene")
    text = decoded(content)
    start = text[:200].lstrip()
    if start.startswith("MohoSwitch1"):
        _check_cues(content)
        return read_moho(text.lstrip(), rate)
    if start.startswith(("{", "[")):
        if f'"{EXTENSION}"' in text:
            return read_vrm_animation(content, rate)
        return read_performance_json(text, rate, angles)
    if start.startswith("<"):
        _check_cues(content)
        return read_rhubarb_xml(text)
    first = start.splitlines()[0] if start else ""
    if first.count("\t") == 1 and first[:1].isdigit():
        _check_cues(content)
        return read_rhubarb_tsv(text)
    return read_wide_csv(text, rate, angles)


def _check_cues(content: bytes) -> None:
    if len(content) > LARGEST_CUES:
        raise DocumentError(
            "it has {size} bytes; at most {most} are allowed", size=len(content), most=LARGEST_CUES
        )
