"""The reader for each kind of source, by the file's first bytes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from media.dubbing.animation_reader import AnimationReader, is_animation
from media.dubbing.facts import SourceFacts, SubtitleLine
from media.dubbing.source_reader import SourceReader


class StoredFrames(Protocol):
    """Reads one file; each call opens it again."""

    def facts(self, alive: Callable[[], None] = ...) -> SourceFacts:
        """What the file is. Raises VideoError."""

    def frames(
        self, facts: SourceFacts, begin: int = 0, end: int | None = None, damage: list[int] | None = None
    ) -> Generator[tuple[int, np.ndarray]]:
        """Stored frames, packed as by `stored_picture.Layout`, with their ticks, in order: those from `begin`
        up to and without `end`.

        damage: gets an entry for each part of the file that cannot be decoded. Raises VideoError.
        """

    def cues(self, facts: SourceFacts, track: int) -> Iterator[SubtitleLine]:
        """The lines of a track of text subtitles."""


def reader_of(path: Path) -> StoredFrames:
    """The reader of a file, which is not opened yet."""
    return AnimationReader(path) if is_animation(path) else SourceReader(path)
