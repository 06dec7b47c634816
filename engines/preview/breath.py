"""Breathing: chest and shoulders rise and sink, and the head a little with them, no two breaths alike.

Adults at rest breathe 12 to 20 times a minute (Tortora and Derrickson, Principles of Anatomy and Physiology),
in for about two fifths of the time.
"""

from __future__ import annotations

import numpy as np

SECONDS = 4.2
"""Mean length of a breath: 14 a minute at rest."""
HEAD_RISES = 0.0035
"""How far a breath lifts the head, in head heights."""
CHIN_LIFTS = 0.25
"""Degrees: the chin lifts with the chest."""


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

    def step(self) -> float:
        """The air in the chest on the next frame: 0 out, 1 in after a breath of usual depth, at most 1.6."""
        self._at += self._dt / self._length
        if self._at >= 1.0:
            self._at -= 1.0
            self._draw()
        # In takes two fifths of the time and out the rest; both begin and end without speed.
        inward = self._at / 0.4 if self._at < 0.4 else (1.0 - self._at) / 0.6
        return self._depth * 0.5 * (1.0 - float(np.cos(np.pi * inward)))
