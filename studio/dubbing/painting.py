"""The second pass of a dub: the engine paints, and every frame is written at its time."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engines.base import Note, Step
from engines.dubbing import READ_AHEAD, Shot, Shots, TrackReference
from media.errors import EngineError

if TYPE_CHECKING:
    from engines.base import Engine, EngineOptions
    from media.dubbing.following import FollowedVideo
    from media.dubbing.lengths import DubSchedule, Moment
    from media.dubbing.source import DecodedFrame, DubSource
    from media.dubbing.values import PaintedPatch
    from media.speech import Speech


@dataclass(frozen=True, eq=False)
class PaintedFrame:
    """A source frame at its moment in the dub, with what the engine painted over it."""

    frame: DecodedFrame
    moment: Moment
    patches: tuple[PaintedPatch, ...]

    def picture(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB, a new array with the patches in place."""
        picture = self.frame.picture.copy()
        for patch in self.patches:
            height, width = patch.alpha.shape
            part = picture[patch.y : patch.y + height, patch.x : patch.x + width]
            alpha = patch.alpha[..., None]
            part[:] = (part * (1 - alpha) + patch.pixels * alpha + 0.5).astype(np.uint8)
        return picture


@dataclass
class DubPainting:
    """Reads a schedule's frames, lets an engine paint them, and counts what became of them.

    passed: frames that stay as they are, by reason. notes: what the engine says about the job.
    """

    source: DubSource
    faces: FollowedVideo
    schedule: DubSchedule
    frames: int = 0
    dubbed: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._waiting: deque[tuple[DecodedFrame, Moment]] = deque()

    def painted(
        self, engine: Engine, speech: Speech, options: EngineOptions, seed: int
    ) -> Generator[PaintedFrame | Step]:
        """Every frame of the dub, in order. Raises EngineError for an engine that breaks the contract."""
        with closing(self._shots()) as shots:
            work = engine.dub(Shots(shots, self._reference), speech, options, seed)
            try:
                for piece in work:
                    if isinstance(piece, Step):
                        yield piece
                    elif isinstance(piece, Note):
                        self.notes.append(piece.text)
                    elif self._waiting:
                        frame, moment = self._waiting.popleft()
                        yield PaintedFrame(frame, moment, piece)
                    else:
                        raise _broken("gave patches for more frames than it read")
            finally:
                if isinstance(work, Generator):
                    work.close()
        if self._waiting or not self.frames:
            raise _broken(f"left {len(self._waiting)} frames without an answer")

    def _shots(self) -> Generator[Shot]:
        for frame, moment in self.source.played(self.schedule):
            faces = self.faces.face_in(frame.number)
            self.frames += 1
            if faces:
                self.dubbed += 1
            else:
                self.passed[self.faces.reason(frame.number) or "no_face"] += 1
            if len(self._waiting) >= READ_AHEAD:
                raise _broken(f"reads more than {READ_AHEAD} frames ahead")
            self._waiting.append((frame, moment))
            yield Shot(frame.picture, faces, float(moment.time), float(moment.duration))

    def _reference(self, track: int) -> TrackReference:
        about = self.faces.tracks[track]
        if about.open_frame is None or about.closed_frame is None:
            raise _broken(f"asks for track {track}, which has no usable frame")
        picture = self.source.frame(about.open_frame).picture
        landmarks, calm = (
            self.faces.raw_landmarks(track, number) for number in (about.open_frame, about.closed_frame)
        )
        return TrackReference(picture, landmarks, calm)


def _broken(what: str) -> EngineError:
    return EngineError("The engine broke the contract of dubbing: it {what}. Report it.", what=what)
