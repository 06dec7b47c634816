"""What opening and reading a source has to say: why it is refused, and what is unusual about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from media.documents.quoting import LONG, quoted
from media.dubbing.facts import SourceFacts
from media.dubbing.lengths import FrameTimes
from media.errors import VideoError
from media.messages import Message, said

LONGEST = 4 * 3600.0
"""Seconds of a source."""
MOST_FRAMES = 2_000_000
"""Frames of a source: LONGEST at 120 per second, and a little more."""
FEWEST = 2
"""Frames of a source; a single one is a portrait."""
SMOOTH = 12
"""Frames per second below which lips move in visible steps: a syllable lasts 0.2 s, and each of its sounds
half as long.
"""


def single_frame(path: Path, frames: int) -> VideoError:
    """The error for a video with too few frames."""
    return VideoError(
        'The video "{name}" has {frames} frame; at least {least} are needed. Use the picture as a portrait '
        "instead."
        if frames
        else 'The video "{name}" has no frames that can be decoded; export it again.',
        name=quoted(path.name, LONG),
        frames=frames,
        least=FEWEST,
    )


def too_long(path: Path, seconds: float, longest: float) -> VideoError:
    """The error for a video that is too long."""
    return VideoError(
        'The video "{name}" is {seconds:.0f} s long; at most {longest:.0f} s are allowed. Cut it.',
        name=quoted(path.name, LONG),
        seconds=seconds,
        longest=longest,
    )


def too_many(path: Path) -> VideoError:
    """The error for a video with too many frames."""
    return VideoError(
        'The video "{name}" has more than {most} frames. Cut it, or reduce its frame rate.',
        name=quoted(path.name, LONG),
        most=MOST_FRAMES,
    )


def first_notes(facts: SourceFacts) -> Iterator[Message]:
    """Notes that the facts give."""
    if facts.interlaced:
        yield said("The video is interlaced; it was deinterlaced, with as many frames as before.")
    if facts.transparent:
        yield said("The video has transparent parts; they are opaque in the dub.")
    if facts.mean_fps < SMOOTH:
        yield said(
            "The video has {fps:.1f} frames per second and keeps them, so its lips move in visible steps. "
            "From {smooth} on, they follow the voice.",
            fps=float(facts.mean_fps),
            smooth=SMOOTH,
        )
    kept = facts.pixel_format.replace("yuvj", "yuv").replace("yuva", "yuv")
    if kept != facts.stored and not facts.pixel_format.startswith("gray"):
        yield said(
            "The pixels of the video are {old}; the dub stores them as {new}.",
            old=facts.pixel_format,
            new=facts.stored,
        )


def later_notes(facts: SourceFacts, times: FrameTimes, damaged: int) -> Iterator[Message]:
    """Notes that reading gives. damaged: parts of the file that cannot be decoded."""
    missing = facts.claimed - times.duration
    if damaged or missing > max(3 / facts.mean_fps, facts.claimed / 100):
        yield said(
            "The video is damaged: {frames} frames, {seconds:.1f} of {claimed:.1f} s, could be read and are "
            "used.",
            frames=len(times),
            seconds=float(times.duration),
            claimed=float(max(facts.claimed, times.duration)),
        )
