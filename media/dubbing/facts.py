"""What a source video is: sizes, rate, pixels, colours, and what else its file holds."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from media.dubbing.hdr_metadata import HdrMetadata

MOST_TRACKS = 64
"""Sound tracks and subtitles of one file that are looked at."""
MOST_CHAPTERS = 2000
_RATIO = re.compile(r"-?[0-9]{1,30}(/[1-9][0-9]{0,29})?")


def _plain_ratio(value: object) -> object:
    """Of texts, only short ones without exponents: the number behind one could fill the memory."""
    if isinstance(value, str) and not _RATIO.fullmatch(value):
        raise ValueError("no ratio of two numbers")
    return value


Ratio = Annotated[Fraction, BeforeValidator(_plain_ratio)]
"""An exact number, in JSON a text such as "30000/1001"."""
_Text = Annotated[str, Field(max_length=20_000)]
Stored = Literal[
    "yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le", "yuv420p12le",
    "yuv422p12le", "yuv444p12le",
]  # fmt: skip
"""The planar formats in which frames are kept: everything else is converted to one of them first."""
_Language = Annotated[str, Field(max_length=40)]
_Seconds = Annotated[Ratio, Field(ge=-1_000_000, le=1_000_000)]


class _FrozenFacts(BaseModel):
    model_config = ConfigDict(frozen=True, strict=False, extra="forbid")


class VideoColours(_FrozenFacts):
    """The colours of a video as the file says: numbers of ITU-T H.273, 2 where it says nothing.

    full_range: whether luma goes from 0 to the largest value; None where the file says nothing.
    """

    matrix: int = Field(2, ge=0, le=255)
    primaries: int = Field(2, ge=0, le=255)
    transfer: int = Field(2, ge=0, le=255)
    full_range: bool | None = None

    @property
    def hdr(self) -> str:
        """ "PQ", "HLG", or "" for a video of standard range."""
        return {16: "PQ", 18: "HLG"}.get(self.transfer, "")


class SoundFacts(_FrozenFacts):
    """One sound track. track: its number from 1. rate: samples per second."""

    track: int = Field(ge=1)
    codec: _Text
    rate: int = Field(ge=0)
    channels: int = Field(ge=0)
    language: _Language = ""
    title: _Text = ""


class SubtitleFacts(_FrozenFacts):
    """One subtitle track. track: its number from 1. text: whether it is text, and not pictures."""

    track: int = Field(ge=1)
    codec: _Text
    text: bool
    language: _Language = ""
    title: _Text = ""


class Chapter(_FrozenFacts):
    """A chapter. start, end: seconds from the first frame."""

    start: _Seconds
    end: _Seconds
    title: _Text = ""


class SubtitleLine(_FrozenFacts):
    """One line of subtitles. start, end: seconds from the first frame. dialogue: as FFmpeg's ASS decoders
    give it, with the text after the eighth comma.
    """

    start: _Seconds
    end: _Seconds
    dialogue: _Text


class SourceFacts(_FrozenFacts):
    """A source video before its frames are read.

    container, codec, pixel_format: FFmpeg's names, of the file. fps: exact where the rate is constant, None
    where it is variable. mean_fps: frames divided by seconds. frames, duration: by the file's packets;
    reading finds out. claimed: seconds that the video has by its header, 0 where that does not say. clock:
    seconds of a tick. origin: the tick of the first frame. last: ticks that the last frame lasts.
    stored_size: (width, height) as decoded. quarter_turns: how many times a player turns the frames by 90
    degrees to the left. mirrored: whether it mirrors them left to right first. stored: the planar format in
    which frames are kept. aspect: width of a pixel divided by its height. seekable: whether frames can be
    found by their times.
    """

    container: _Text
    codec: _Text
    pixel_format: _Text
    fps: Annotated[Ratio, Field(gt=0)] | None
    mean_fps: Ratio = Field(gt=0)
    frames: int = Field(ge=0)
    duration: Ratio = Field(gt=0)
    claimed: Ratio = Fraction(0)
    clock: Ratio = Field(ge=5e-10, le=1000)
    origin: int
    last: int = Field(ge=1)
    stored_size: tuple[Annotated[int, Field(ge=1, le=16384)], Annotated[int, Field(ge=1, le=16384)]]
    quarter_turns: int = Field(0, ge=0, le=3)
    mirrored: bool = False
    stored: Stored
    colours: VideoColours = VideoColours()
    hdr: HdrMetadata = HdrMetadata()
    interlaced: bool = False
    aspect: Ratio = Fraction(1)
    transparent: bool = False
    seekable: bool = True
    sounds: tuple[SoundFacts, ...] = Field((), max_length=MOST_TRACKS)
    subtitles: tuple[SubtitleFacts, ...] = Field((), max_length=MOST_TRACKS)
    chapters: tuple[Chapter, ...] = Field((), max_length=MOST_CHAPTERS)
    other_streams: tuple[_Text, ...] = Field((), max_length=MOST_TRACKS)
    metadata: dict[str, str] = Field({}, max_length=10_000)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) upright, in pixels."""
        width, height = self.stored_size
        return (height, width) if self.quarter_turns % 2 else (width, height)

    @property
    def rate_kind(self) -> str:
        """ "constant" or "variable"."""
        return "variable" if self.fps is None else "constant"

    @property
    def depth(self) -> int:
        """Bits of a value as stored: 8, 10 or 12."""
        return next((bits for bits in (10, 12) if self.stored.endswith(f"{bits}le")), 8)

    @property
    def chroma(self) -> str:
        """ "4:2:0", "4:2:2" or "4:4:4", as stored."""
        return ":".join(self.stored[3:6])
