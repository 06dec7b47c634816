"""The work of a job with two voices: the engine runs for each face, and their frames become one."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engines import registry
from engines.base import Note, Step
from engines.saved_motion import SavedMotion
from media.errors import OptionError

if TYPE_CHECKING:
    import numpy as np

    from engines.base import Engine, EngineOptions, Work
    from media.partial_frames import PartialFrames
    from media.portrait import Portrait
    from media.two_faces import FaceDivide
    from media.voice import Voice


@dataclass(frozen=True, eq=False)
class Duet:
    """The portrait with each of its two faces chosen, and what each of them says."""

    portraits: tuple[Portrait, Portrait]
    voices: tuple[Voice, Voice]


def check_engine(engine: str) -> None:
    """Raise OptionError for an engine that moves one face only."""
    if not registry.spec_of(engine).two_voices:
        raise OptionError(
            "The engine {engine} moves one face only. For two voices, use {able}, or leave out the second "
            "voice.",
            engine=engine,
            able=registry.names_of(lambda spec: spec.two_voices),
        )


def animate_both(
    engine: Engine, duet: Duet, options: EngineOptions, seed: int
) -> Generator[Work, None, None]:
    """As `Engine.animate` for both faces. Each has its own random numbers, and their motion is not saved.

    Raises OptionError if the frames do not show the whole portrait.
    """
    from media.two_faces import FaceDivide

    first, second = duet.portraits
    size = engine.picture_size(first, options)
    if size != (first.width, first.height):
        raise OptionError(
            "With two voices, the video has to show the whole portrait, {width}x{height} pixels, and these "
            "options give {shown_width}x{shown_height}. Turn on the option that pastes the face back.",
            width=first.width,
            height=first.height,
            shown_width=size[0],
            shown_height=size[1],
        )
    seeds = (seed, (seed + 1) % 2**32)
    with ExitStack() as stack:
        works = []
        for portrait, voice, number in zip(duet.portraits, duet.voices, seeds, strict=True):
            work = engine.animate(portrait, voice, options, number)
            if isinstance(work, Generator):
                stack.callback(work.close)
            works.append(_Side(work))
        yield from _together(works, FaceDivide(first, second))


class _Side:
    """One face's work: its finished frames that wait for the other's, and how far it is."""

    def __init__(self, work: Iterator[Work]) -> None:
        self.work = work
        self.frames: deque[np.ndarray | PartialFrames] = deque()
        self.fraction = 0.0
        self.ended = False

    def take(self, count: int) -> np.ndarray | PartialFrames:
        """The next `count` frames; the first batch has at least as many."""
        batch = self.frames.popleft()
        if count < len(batch):
            self.frames.appendleft(batch[count:])
        return batch[:count]


def _together(sides: list[_Side], divide: FaceDivide) -> Iterator[Work]:
    said: set[str] = set()
    while True:
        for side in sides:
            while not side.frames and not side.ended:
                piece = next(side.work, None)
                if piece is None:
                    side.ended = True
                elif isinstance(piece, Step):
                    side.fraction = piece.fraction
                    yield Step(sum(one.fraction for one in sides) / len(sides))
                elif isinstance(piece, Note):
                    if piece.text not in said:
                        said.add(piece.text)
                        yield piece
                elif not isinstance(piece, SavedMotion) and len(piece):
                    side.frames.append(piece)
        if not all(side.frames for side in sides):
            return  # the reader counts the frames
        count = min(len(side.frames[0]) for side in sides)
        first, second = (side.take(count) for side in sides)
        yield divide.joined(first, second)
