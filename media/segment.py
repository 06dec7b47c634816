"""A piece of a video that can be played before the rest is there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Segment:
    """One piece: the bytes of an MPEG-TS file, and how many seconds of pictures it holds."""

    data: bytes
    duration: float
