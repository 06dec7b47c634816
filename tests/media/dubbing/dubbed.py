"""Dubs of test videos with a tone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from media.dubbing.decoded_frame import DecodedFrame
from media.dubbing.lengths import DubSchedule, SyncMode
from media.dubbing.readers import reader_of
from media.dubbing.source import DubSource, open_source
from media.dubbing.values import PaintedPatch
from media.dubbing.writer import DubWriter
from media.sound_stream import SoundBlocks, SoundFormat, open_sound
from tests.media.conftest import tone

Painter = Callable[[DecodedFrame], list[PaintedPatch]]


class Voice:
    """A sound in memory, as the voice of a job."""

    def __init__(self, seconds: float, rate: int = 24_000, channels: int = 1) -> None:
        self.rate, self.samples = rate, tone(seconds, rate, channels)

    def open_original(self) -> tuple[SoundFormat, SoundBlocks]:
        return open_sound((self.rate, self.samples))


def nothing(_: DecodedFrame) -> list[PaintedPatch]:
    return []


def dub(
    path: Path,
    out: Path,
    seconds: float | None = None,
    mode: SyncMode | None = None,
    paint: Painter = nothing,
    **more: Any,
) -> tuple[DubSource, DubSchedule, DubWriter]:
    """Dub a file with a tone. seconds: of it; as long as the video by default."""
    source = open_source(path, reader=reader_of(path))
    seconds = float(source.times.duration) if seconds is None else seconds
    schedule = DubSchedule(source.times, seconds, mode)
    with DubWriter(out, source, schedule, Voice(seconds), **more) as writer:
        for frame, moment in source.played(schedule):
            writer.write(frame, moment, paint(frame))
    return source, schedule, writer


def again(path: Path) -> DubSource:
    return open_source(path, reader=reader_of(path))
