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
    from media.dubbing.lengths import DubSchedule, ScheduledFrame
    from media.dubbing.source import DecodedFrame, DubSource
    from media.dubbing.values import PaintedPatch
    from media.voice import Voice

ROUNDED = 1e-3
"""By which alpha may lie outside of 0 to 1: sums of float32 weights do."""


@dataclass(frozen=True, eq=False)
class PaintedFrame:
    """A source frame at its moment in the dub, with what the engine painted over it."""

    frame: DecodedFrame
    moment: ScheduledFrame
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
        self._waiting: deque[tuple[DecodedFrame, ScheduledFrame]] = deque()
        self._ended = False

    def painted(
        self, engine: Engine, speech: Voice, options: EngineOptions, seed: int
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
                        yield PaintedFrame(frame, moment, _fitting(piece, frame.picture))
                    else:
                        raise _broken("gave patches for more frames than it read")
            finally:
                if isinstance(work, Generator):
                    work.close()
            if self._waiting or not self.frames:
                raise _broken(f"left {len(self._waiting)} frames without an answer")
            seen = self.frames
            if next(shots, None) is not None or not self._ended:
                raise _broken(f"ended after {seen} frames, and the video has more")

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
            picture = frame.picture.view()
            picture.flags.writeable = False  # it is encoded where nothing is painted
            yield Shot(picture, faces, float(moment.time), float(moment.duration))
        self._ended = True

    def _reference(self, track: int) -> TrackReference:
        about = self.faces.tracks[track]
        if about.open_frame is None or about.closed_frame is None:
            raise _broken(f"asks for track {track}, which has no usable frame")
        picture = self.source.frame(about.open_frame).picture
        landmarks, calm = (
            self.faces.raw_landmarks(track, number) for number in (about.open_frame, about.closed_frame)
        )
        return TrackReference(picture, landmarks, calm)


def _fitting(patches: object, picture: np.ndarray) -> tuple[PaintedPatch, ...]:
    """The patches of one frame. Raises EngineError for what cannot be blended into its picture."""
    from media.dubbing.values import PaintedPatch

    if not isinstance(patches, tuple) or not all(isinstance(patch, PaintedPatch) for patch in patches):
        raise _broken(f"gave a frame {type(patches).__name__} instead of a tuple of PaintedPatch")
    for patch in patches:
        pixels, alpha = patch.pixels, patch.alpha
        kinds = (pixels.dtype, alpha.dtype) == (np.uint8, np.float32)
        if not kinds or alpha.ndim != 2 or pixels.shape != (*alpha.shape, 3):
            raise _broken(
                f"gave pixels {pixels.dtype}{pixels.shape} with alpha {alpha.dtype}{alpha.shape}; they are "
                "uint8(h, w, 3) and float32(h, w)"
            )
        (height, width), (rows, columns) = alpha.shape, picture.shape[:2]
        if not (0 <= patch.x <= columns - width and 0 <= patch.y <= rows - height):
            raise _broken(
                f"gave a patch of {width}x{height} at {patch.x}, {patch.y} in a frame of {columns}x{rows}"
            )
        if alpha.size and not (alpha.min() >= -ROUNDED and alpha.max() <= 1 + ROUNDED):  # also for NaN
            raise _broken("gave a patch whose alpha is outside of 0 to 1")
    return tuple(patch for patch in patches if patch.alpha.size)


def _broken(what: str) -> EngineError:
    return EngineError("The engine broke the contract of dubbing: it {what}. Report it.", what=what)
