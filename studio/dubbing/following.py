"""The first pass of a dub: every frame is read once, and faces are followed through them."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING

from media.errors import Cancelled
from studio.events import Progress
from studio.progress import TimeLeft

if TYPE_CHECKING:
    from media.dubbing.following import FollowedVideo, FollowingOptions
    from media.dubbing.source import DubSource
    from media.dubbing.values import SourceFrame

PATIENCE = 0.2
"""Seconds between two progress reports."""


def followed(
    source: DubSource, folder: Path, options: FollowingOptions, share: float
) -> Generator[Progress, None, FollowedVideo]:
    """Follow the faces of a source in a thread, and report how far it is.

    share: part of the whole dub that this pass takes, 0..1. Closing the generator, or an error, ends the
    thread after the current frame. Raises as `follow_video`.
    """
    from media.dubbing.following import follow_video

    reading = _CountedFrames(source)
    pace = TimeLeft()
    with ThreadPoolExecutor(1, thread_name_prefix="follow") as pool:
        work = pool.submit(lambda: follow_video(reading.frames(), folder, options))
        try:
            while not work.done():
                done, left = pace.at(share * reading.fraction)
                yield Progress("following", done, left, reading.fraction)
                wait([work], PATIENCE)
            return work.result()
        finally:
            reading.stop.set()


class _CountedFrames:
    """The frames of a source, counted, until they are no longer wanted."""

    def __init__(self, source: DubSource) -> None:
        self._source = source
        self._expected = max(1, source.facts.frames)
        self._read = 0
        self.stop = threading.Event()

    @property
    def fraction(self) -> float:
        return min(1.0, self._read / self._expected)

    def frames(self) -> Iterator[SourceFrame]:
        for frame in self._source.frames():
            if self.stop.is_set():
                raise Cancelled("The job was stopped.")
            yield frame
            self._read += 1
