"""The formats of performances that are written: their names, their endings, and what writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media.errors import OptionError
from media.performance.audio2face import Audio2FaceCsv, Audio2FaceJson
from media.performance.cue_files import (
    MOHO_RATES,
    write_moho,
    write_rhubarb_json,
    write_rhubarb_tsv,
    write_rhubarb_xml,
)
from media.performance.keyframes import KeyframesJson
from media.performance.live_link_csv import LiveLinkCsv
from media.performance.performance import PerformanceHead
from media.performance.viseme_json import write_visemes
from media.performance.visemes import VisemeCue
from media.performance.vrm_animation import BlendshapeAnimation, PresetAnimation
from media.performance.writer import PerformanceWriter

CueWriter = Callable[[BinaryIO, Iterable[VisemeCue], PerformanceHead], None]


@dataclass(frozen=True)
class PerformanceFormat:
    """One format.

    name: what users type. title: what it is, in a few words. ending: of its files. mark: what stands before
    the ending in a name that says the format, as in take.a2f.json. frames: writes blend shapes and angles
    frame by frame; None for a format of mouth cues. cues: writes those. rates: the rates that it allows.
    """

    name: str
    title: str
    ending: str
    mark: str
    frames: type[PerformanceWriter] | None = None
    cues: CueWriter | None = None
    rates: tuple[int, int] = (12, 60)


FORMATS = (
    PerformanceFormat("live-link-face", "Live Link Face CSV", ".csv", "livelink", LiveLinkCsv),
    PerformanceFormat("audio2face-json", "Audio2Face JSON", ".json", "a2f", Audio2FaceJson),
    PerformanceFormat("audio2face-csv", "Audio2Face CSV", ".csv", "a2f", Audio2FaceCsv),
    PerformanceFormat("vrma", "VRM animation: vowels and blinks", ".vrma", "vrm", PresetAnimation),
    PerformanceFormat("vrma-arkit", "VRM animation: 52 blend shapes", ".vrma", "arkit", BlendshapeAnimation),
    PerformanceFormat("rhubarb-json", "Rhubarb JSON", ".json", "rhubarb", cues=write_rhubarb_json),
    PerformanceFormat("rhubarb-tsv", "Rhubarb TSV", ".tsv", "rhubarb", cues=write_rhubarb_tsv),
    PerformanceFormat("rhubarb-xml", "Rhubarb XML", ".xml", "rhubarb", cues=write_rhubarb_xml),
    PerformanceFormat("moho", "Moho switch data", ".dat", "moho", cues=write_moho, rates=MOHO_RATES),
    PerformanceFormat("oculus", "Oculus visemes JSON", ".json", "oculus", cues=write_visemes),
    PerformanceFormat("keyframes", "Keyframe JSON", ".json", "keyframes", KeyframesJson),
)
_ALONE = {".vrma": "vrma", ".tsv": "rhubarb-tsv", ".xml": "rhubarb-xml", ".dat": "moho"}
"""Endings of which one format is meant where a name says no more."""


def format_named(name: str) -> PerformanceFormat:
    """The format of that name. Raises OptionError."""
    for one in FORMATS:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in FORMATS)
    raise OptionError("There is no format {name!r}; there are {names}.", name=name[:60], names=names)


def format_of(name: str) -> PerformanceFormat | None:
    """The format whose mark and ending a name has, as take.a2f.json does; None if no format has them."""
    path = Path(name)
    ending, mark = path.suffix.casefold(), Path(path.stem).suffix.casefold()[1:]
    return next((one for one in FORMATS if one.ending == ending and one.mark == mark), None)


def format_for(path: Path) -> PerformanceFormat:
    """The format that a file's name says, as take.vrma and take.a2f.json do. Raises OptionError."""
    if (marked := format_of(path.name)) is not None:
        return marked
    ending = path.suffix.casefold()
    if ending in _ALONE:
        return format_named(_ALONE[ending])
    fitting = ", ".join(one.name for one in FORMATS if one.ending == ending)
    if fitting:
        raise OptionError(
            "The name {name} does not say which format it is. Choose one of these formats: {formats}.",
            name=path.name,
            formats=fitting,
        )
    raise OptionError(
        "The name {name} has the ending of no format; use {endings}.",
        name=path.name,
        endings=", ".join(sorted({one.ending for one in FORMATS})),
    )
