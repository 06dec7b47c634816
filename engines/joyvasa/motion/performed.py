"""Motion that follows a recorded face, and the voice in what the recording leaves to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields

import numpy as np

from engines.base import Step
from engines.joyvasa.motion.live_portrait_reading import motion_of
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.retargeting import LIP_POINTS
from engines.joyvasa.motion.saved_stretches import STRETCH
from engines.joyvasa.motion.windows import FPS
from engines.performed_parts import BACK
from media.performance.motion_template import LivePortraitTemplate


class Performed:
    """A recorded face at the engine's rate.

    total: frames of the video. mouth: whether the recording moves the mouth. relative_lips: whether lips add
    the change since the first frame; otherwise they are taken as they are.
    """

    def __init__(
        self, recorded: LivePortraitTemplate, total: int, *, mouth: bool, relative_lips: bool
    ) -> None:
        self._motion = at_engine_rate(recorded)
        self._total, self._mouth, self._relative_lips = total, mouth, relative_lips
        self._end = len(self._motion)

    @property
    def needs_voice(self) -> bool:
        """Whether motion of the voice is needed."""
        return not self._mouth or self._end < self._total - 1  # a rounded length may be one frame short

    def alone(self) -> Iterator[HeadMotion]:
        """The motion of a recording that needs no voice; the last frame is held."""
        for start in range(0, self._total, STRETCH):
            yield self._held(start, min(STRETCH, self._total - start))

    def joined(self, spoken: Iterator[HeadMotion | Step]) -> Iterator[HeadMotion | Step]:
        """The recording with the voice's motion in its place where the recording leaves it to the voice."""
        return over_voice(spoken, self._mixed)

    def share(self, start: int, count: int) -> np.ndarray:
        """(count,) float32: how much of a frame is the recording's, 1 before its end."""
        late = (np.arange(start, start + count) - self._end) / FPS
        return np.clip(1 - late / BACK, 0, 1).astype(np.float32)

    def activity(self, voice: np.ndarray) -> np.ndarray:
        """Voice activity as edits need it: a recorded mouth may move in silence. voice: (total,) 0..1."""
        return np.maximum(voice, self.share(0, len(voice))) if self._mouth else voice

    def _held(self, start: int, count: int) -> HeadMotion:
        return rows_of(self._motion, np.minimum(np.arange(start, start + count), self._end - 1))

    def _mixed(self, spoken: HeadMotion, first: HeadMotion, start: int) -> HeadMotion:
        """Frames from `start` on, of which the voice has those after the end, and its lips."""
        # The portrait's own motion is added to that of the recording's first frame.
        moved = changed_from(self._motion[:1], spoken, first, relative_lips=self._relative_lips)
        recorded = self._held(start, len(spoken))
        if not self._mouth:
            exp = recorded.exp.copy()
            exp[:, LIP_POINTS] = moved.exp[:, LIP_POINTS]
            recorded = recorded.with_changes(exp=exp)
        return between(moved, recorded, self.share(start, len(spoken)))


def at_engine_rate(recorded: LivePortraitTemplate) -> HeadMotion:
    """The recording at FPS, with straight lines between its frames."""
    whole = motion_of(recorded)
    count = max(1, round(recorded.duration * FPS))
    places = np.minimum(np.arange(count) * float(recorded.rate / FPS), len(whole) - 1)
    before = np.floor(places).astype(int)
    after = np.minimum(before + 1, len(whole) - 1)
    share = (places - before).astype(np.float32)
    return between(rows_of(whole, before), rows_of(whole, after), share)


def over_voice(
    spoken: Iterator[HeadMotion | Step], mixed: Callable[[HeadMotion, HeadMotion, int], HeadMotion]
) -> Iterator[HeadMotion | Step]:
    """A voice's motion with a recording on top. mixed: of a piece, the voice's first frame, and the number of
    the piece's first frame.
    """
    done, first = 0, None
    for piece in spoken:
        if isinstance(piece, Step):
            yield piece
            continue
        first = piece[:1] if first is None else first
        yield mixed(piece, first, done)
        done += len(piece)


def changed_from(
    begin: HeadMotion, spoken: HeadMotion, first: HeadMotion, *, relative_lips: bool
) -> HeadMotion:
    """A voice's motion as a change of another one's first frame. first: the voice's. relative_lips: whether
    lips add their change, too; otherwise they are the voice's.
    """
    names = ("exp", "t", "pitch", "yaw", "roll")
    changes = {n: getattr(begin, n) + getattr(spoken, n) - getattr(first, n) for n in names}
    if not relative_lips:
        changes["exp"][:, LIP_POINTS] = spoken.exp[:, LIP_POINTS]
    return HeadMotion(scale=begin.scale * spoken.scale / first.scale, **changes)


def rows_of(motion: HeadMotion, places: np.ndarray) -> HeadMotion:
    """The frames with these numbers, which may repeat."""
    return HeadMotion(**{f.name: getattr(motion, f.name)[places] for f in fields(HeadMotion)})


def between(one: HeadMotion, other: HeadMotion, share: np.ndarray) -> HeadMotion:
    """Motion that has so much of the other, frame by frame: 0 is the first, 1 the second."""

    def mixed(name: str) -> np.ndarray:
        a, b = getattr(one, name), getattr(other, name)
        part = share.reshape(-1, *[1] * (a.ndim - 1))
        return (a * (1 - part) + b * part).astype(np.float32)

    return HeadMotion(**{f.name: mixed(f.name) for f in fields(HeadMotion)})
