"""Breathing: the head rises and sinks a little, no two breaths alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engines.preview.head import HeadPose

SECONDS = 4.2
"""Mean length of a breath: 14 a minute at rest."""
_RISES = 0.0035  # head heights between out and in
_NODS = 0.25  # degrees: the chin lifts with the chest


class Breath:
    """Draws one breath after the other. Each has a length and a depth of its own, and joins smoothly."""

    def __init__(self, fps: int, rng: np.random.Generator) -> None:
        self._dt = 1.0 / fps
        self._rng = rng
        self._at = 0.0
        self._draw()

    def _draw(self) -> None:
        self._length = SECONDS * float(np.clip(self._rng.normal(1.0, 0.15), 0.65, 1.5))
        self._depth = float(np.clip(self._rng.normal(1.0, 0.25), 0.4, 1.6))

    def lift(self, head: HeadPose, strength: float) -> HeadPose:
        """The next frame's head pose with the breath in it; strength 0 leaves it as it is."""
        self._at += self._dt / self._length
        if self._at >= 1.0:
            self._at -= 1.0
            self._draw()
        # In takes two fifths of the time and out the rest; both begin and end without speed.
        inward = self._at / 0.4 if self._at < 0.4 else (1.0 - self._at) / 0.6
        air = strength * self._depth * 0.5 * (1.0 - float(np.cos(np.pi * inward)))
        return replace(head, pitch=head.pitch - _NODS * air, shift_y=head.shift_y - _RISES * air)
