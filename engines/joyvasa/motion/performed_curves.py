"""Motion that follows recorded blend shapes, and the voice in what the recording leaves to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engines.base import Step
from engines.joyvasa.motion.arkit import offsets_of
from engines.joyvasa.motion.performed import between, changed_from, over_voice, rows_of
from engines.joyvasa.motion.pose import KEYPOINTS, HeadMotion
from engines.joyvasa.motion.retargeting import EYE_POINTS, LIP_POINTS
from engines.joyvasa.motion.saved_stretches import STRETCH
from engines.joyvasa.motion.windows import FPS
from engines.performed_parts import PerformedParts, limited, parts_of, shares, straight_ahead
from media.performance.performance import Performance

LARGEST_TURNS = np.radians((25.0, 15.0, 15.0))
"""Yaw, pitch and roll of the sliders on LivePortrait's page."""
NO_FACE = PerformedParts(mouth=False, lids=False, gaze=False, brows=False, smile=False)
_LIPS, _EYES, _BROWS = list(LIP_POINTS), list(EYE_POINTS), [1, 2]
_FACE = sorted(set(range(KEYPOINTS)) - {*_LIPS, *_EYES, *_BROWS})


class PerformedCurves:
    """Recorded blend shapes as motion of one portrait, whose own pose is their zero.

    total: frames of the video. mouth: whether the recording may move the mouth. relative_lips: whether the
    voice's lips add their change to the portrait's; otherwise they are taken as they are. animal: only the
    head follows the recording, because an animal's networks have keypoints of their own.
    """

    def __init__(
        self, performance: Performance, total: int, *, mouth: bool, relative_lips: bool, animal: bool
    ) -> None:
        self._performance, self._total, self._relative_lips = performance, total, relative_lips
        self._animal = animal
        found = parts_of(performance, mouth=mouth)
        self.parts = (
            replace(PerformedParts(False, False, False, False, False), head=found.head) if animal else found
        )
        self._middle = straight_ahead(performance)

    @property
    def needs_voice(self) -> bool:
        """Whether a voice that says something would move anything."""
        return not self.parts.everything or self._performance.duration < (self._total - 1) / FPS

    def stares(self, silent: bool, blink: float) -> bool:
        """Whether a person's eyes never close. silent: no voice speaks. blink: the option."""
        return silent and not self._animal and not self.parts.lids and blink <= 0

    def alone(self, still: HeadMotion) -> Iterator[HeadMotion]:
        """The recording without a voice: what it lacks stays as in the portrait. still: (1 frame)."""
        for start in range(0, self._total, STRETCH):
            count = min(STRETCH, self._total - start)
            yield self._mixed(rows_of(still, np.zeros(count, int)), still, start)

    def joined(self, spoken: Iterator[HeadMotion | Step], still: HeadMotion) -> Iterator[HeadMotion | Step]:
        """The recording on top of a voice's motion. still: the portrait's own, (1 frame)."""

        def mixed(piece: HeadMotion, first: HeadMotion, start: int) -> HeadMotion:
            moved = changed_from(still, piece, first, relative_lips=self._relative_lips)
            return self._mixed(moved, still, start)

        return over_voice(spoken, mixed)

    def activity(self, voice: np.ndarray) -> np.ndarray:
        """Voice activity as edits need it: a recorded mouth may move in silence. voice: (total,) 0..1."""
        return np.maximum(voice, self._shares(0, len(voice))) if self.parts.mouth else voice

    def _shares(self, start: int, count: int) -> np.ndarray:
        moments = np.arange(start, start + count) / FPS
        return shares(moments, self._performance.duration).astype(np.float32)

    def _mixed(self, base: HeadMotion, still: HeadMotion, start: int) -> HeadMotion:
        """Frames from `start` on: base with everything in its place that was recorded."""
        moments = np.arange(start, start + len(base)) / FPS
        values, angles = self._performance.at(moments)
        parts, exp = self.parts, base.exp.copy()
        points = ((parts.mouth, _LIPS + _FACE), (parts.lids, _EYES), (parts.brows, _BROWS))
        for recorded, places in points:
            if recorded:
                exp[:, places] = still.exp[:, places]
        made = base.with_changes(exp=exp + offsets_of(values, parts))
        if parts.head:
            turns = np.degrees(limited(angles[:, :3] - self._middle, LARGEST_TURNS)).astype(np.float32)
            yaw, pitch, roll = np.split(turns, 3, axis=1)
            size = {name: np.repeat(getattr(still, name), len(base), axis=0) for name in ("scale", "t")}
            made = made.with_changes(
                yaw=still.yaw + yaw, pitch=still.pitch + pitch, roll=still.roll + roll, **size
            )
        return between(base, made, self._shares(start, len(base)))
