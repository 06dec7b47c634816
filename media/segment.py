"""A segment of a video that can be played before the rest exists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Segment:
    """One segment: the bytes of an MPEG-TS file, and the seconds of frames in it."""

    data: bytes
    duration: float
