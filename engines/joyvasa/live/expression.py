"""What a live session adds to generated motion: options that glide, and a mouth that can be closed."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from engines.joyvasa.motion.blendshape_offsets import CLOSE_EYES, offsets
from engines.joyvasa.motion.drawn_blinks import DrawnBlinks
from engines.joyvasa.motion.edits import MotionEditor, MotionEdits, without_blinks
from engines.joyvasa.motion.pose import HeadMotion
from engines.joyvasa.motion.retargeting import LIP_POINTS
from engines.joyvasa.motion.windows import FPS

GLIDE_SECONDS = 0.4
"""How long a slider takes to change by 1."""
CLOSES_IN = 4
"""Frames in which the mouth closes, 160 ms."""
OPENS_IN = 3
_LIPS = list(LIP_POINTS)


class LiveExpression:
    """Edits one frame of motion after the other; movement is measured from the first.

    rest: (21, 3) expression whose lips are closed. silent: whether the first frame is. seed: of added blinks.
    """

    def __init__(
        self, edits: MotionEdits, first: HeadMotion, rest: np.ndarray, seed: int, *, silent: bool
    ) -> None:
        self._now = self._wanted = edits
        self._rest = rest
        self._editor = MotionEditor(without_blinks(edits), first, rest, fps=FPS)
        self._blinks = DrawnBlinks(seed)
        self._closed = 1.0 if silent else 0.0
        """How far silence has closed the mouth, 0..1."""
        self._left: np.ndarray | None = None
        self._since = 0
        self._lips: np.ndarray | None = None

    def change(self, edits: MotionEdits) -> None:
        """Glide to other sliders from the next frame on."""
        self._wanted = edits

    def interrupt(self) -> None:
        """Lead the lips from where they are to what comes next, within `CLOSES_IN` frames."""
        self._left, self._since = self._lips, 0

    def apply(self, motion: HeadMotion, frame: int, activity: float, *, silent: bool) -> HeadMotion:
        """Edit the frame of that number. activity: as from `Speaking`. silent: no voice speaks."""
        self._glide()
        edited = self._editor.apply(motion, frame, np.array([activity], np.float32))
        exp = edited.exp
        lids = self._blinks.closed((frame + 0.5) / FPS, max(self._now.blink, 0.0))
        if lids:
            exp = exp + np.float32(lids) * offsets(CLOSE_EYES)
        if frame:
            self._closed += 1 / CLOSES_IN if silent else -1 / OPENS_IN
            self._closed = min(max(self._closed, 0.0), 1.0)
        lips = exp[:, _LIPS]
        if self._closed > 0:
            lips = lips + np.float32(_eased(self._closed)) * (self._rest[_LIPS] - lips)
        if self._left is not None:
            self._since += 1
            share = np.float32(_eased(self._since / CLOSES_IN))
            lips = self._left + share * (lips - self._left)
            if self._since >= CLOSES_IN:
                self._left = None
        self._lips = lips
        exp = exp.copy()
        exp[:, _LIPS] = lips
        return edited.with_changes(exp=exp)

    def _glide(self) -> None:
        if self._now == self._wanted:
            return
        most = 1 / (GLIDE_SECONDS * FPS)
        steps = {}
        for field in fields(MotionEdits):
            now, wanted = getattr(self._now, field.name), getattr(self._wanted, field.name)
            steps[field.name] = wanted if abs(wanted - now) <= most else now + np.copysign(most, wanted - now)
        self._now = MotionEdits(**{name: float(value) for name, value in steps.items()})
        self._editor = self._editor.with_edits(without_blinks(self._now))


def _eased(share: float) -> float:
    return share * share * (3 - 2 * share)
