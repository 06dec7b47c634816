"""The codec, its options and the container of a dub, by the pixels of its source.

- 8 bits in 4:2:0 become H.264, which everything plays.
- 10 and 12 bits in 4:2:0 become HEVC: phones and televisions play more than 8 bits only so, and record HDR
  in it.
- 4:2:2 and 4:4:4 up to 10 bits become H.264 in its profiles for editing; with 12 bits, HEVC.

The quantizers are constant, so each picture keeps its quality: pure noise, the worst that there is, comes out
at 45 dB, and what a camera records above that. No frame is a B-frame: times then need no reordering, and the
encoder looks at each frame once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from media.dubbing.facts import SourceFacts
from media.errors import OutputError
from media.steady_encoding import key_frame_distance

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""FFmpeg's names by the ending of a file."""
FASTEST = Fraction(1000)
"""Largest rate in an encoder's settings; the times of the frames do not depend on it."""
MOST_THREADS = 6
QUANTIZER = 14
"""Of 8 bits. x264 counts 6 more for each further 2 bits; x265 does not."""
KEY_FRAME_RATIO = 1.1
"""How much smaller the quantizer of key frames is (`ipratio`)."""


@dataclass(frozen=True)
class EncodingChoice:
    """codec: FFmpeg's encoder. tag: the container's name of it, "" for the usual. gop: frames between key
    frames.
    """

    codec: str
    options: dict[str, str]
    tag: str
    gop: int
    threads: int


def container_of(path: Path) -> str:
    """FFmpeg's name of the container for a file. Raises OutputError for an ending that has none."""
    try:
        return CONTAINERS[path.suffix.lower()]
    except KeyError:
        raise OutputError(
            'A dub is written as {endings}, not as "{name}". Change its ending.',
            endings=", ".join(CONTAINERS),
            name=path.name,
        ) from None


def encoding_of(facts: SourceFacts, container: str) -> EncodingChoice:
    """The encoder for a source's stored pictures."""
    gop = key_frame_distance(min(FASTEST, facts.mean_fps))
    cores = os.cpu_count() or 1
    # One core is left to what makes the frames.
    threads = max(1, min(MOST_THREADS, cores - 1))
    hevc = facts.depth == 12 or (facts.depth == 10 and facts.chroma == "4:2:0")
    if hevc:
        threads = min(MOST_THREADS, cores)  # x265 takes longer than what makes the frames, which then waits
        tag = "" if container == "matroska" else "hvc1"  # the name that Apple's players know
        return EncodingChoice("libx265", _x265(facts, threads), tag, gop, threads)
    return EncodingChoice("libx264", _x264(facts), "", gop, threads)


def _x264(facts: SourceFacts) -> dict[str, str]:
    params = f"ipratio={KEY_FRAME_RATIO}:bframes=0:scenecut=0:weightp=0"
    if facts.chroma == "4:4:4":
        params += ":chroma-qp-offset=-6"  # x264 adds 6 of its own there
    params = ":".join((params, *facts.hdr.parameters("mastering-display", "cll")))
    return {"preset": "superfast", "qp": str(QUANTIZER + 6 * (facts.depth - 8)), "x264-params": params}


def _x265(facts: SourceFacts, threads: int) -> dict[str, str]:
    # Below a quantizer of 16, deblocking changes nothing (H.265, table 8-12), and takes a tenth of the time.
    params = (
        f"qp={QUANTIZER}:ipratio={KEY_FRAME_RATIO}:bframes=0:ctu=16:no-scenecut=1:no-weightp=1:rc-lookahead=1"
        f":no-deblock=1:pools={threads}:frame-threads=1:log-level=none"
    )
    params = ":".join((params, *facts.hdr.parameters("master-display", "max-cll")))
    return {"preset": "ultrafast", "x265-params": params}
