"""Decides where the eyes look: short fixations on the viewer's face, now and then a glance away.

In conversation people look at the other's face for about 2 s at a time (Rogers and others 2018), shifting
from point to point of it. They look away more often while they speak and in short pauses, when they plan
what to say, than while they listen (Kendon 1967; Argyle and Cook 1976). Intervals and sizes of glances follow
Lee, Badler and Badler (2002); a saccade of A degrees takes about 21 ms + 2.2 ms * A (Carpenter 1988). While
the head turns, the eyes turn back to hold what they look at (the vestibulo-ocular reflex).
"""

from __future__ import annotations

import math

import numpy as np

from engines.preview.irises import MOST_X, MOST_Y

FIXATION = 0.9
"""Mean seconds between saccades on the viewer's face."""
AWAY_FIXATION = 0.6
SHORTEST = 0.18
"""Seconds: hardly any fixation is shorter."""
ON_FACE = np.array([1.2, 0.8])
"""Degrees by which fixations on a face scatter: its eyes and mouth at about two metres."""
LOOKS_AWAY = {"speaking": 3.1, "pausing": 1.6, "silent": 7.9}
"""Mean seconds of looking at the viewer before a glance away."""
AWAY = {"speaking": 0.93, "pausing": 1.1, "silent": 0.43}
"""Mean seconds of a glance away."""
GLANCE, NEAREST, FURTHEST = 6.9, 4.0, 15.0
"""Mean size of a glance in degrees, beyond the nearest; and its bounds."""
DIRECTIONS = np.array([15.54, 6.46, 17.69, 7.44, 16.80, 7.89, 20.38, 7.79])
"""How often glances go right, up right, up, ... in steps of 45 degrees."""
HOLDS_FROM = 0.1
"""The `amount` from which the eyes turn back by all that the head turns."""
PAUSE = 0.25, 1.5
"""Seconds of quiet in which the speaker is taken to plan the next words."""


class Glances:
    """Draws saccades and fixations, one frame after the other. rng: its own generator."""

    def __init__(self, fps: int, rng: np.random.Generator) -> None:
        self._dt = 1.0 / fps
        self._rng = rng
        self._t = 0.0
        self._next = float(rng.uniform(0.5, 1.2))
        self._away_until = 0.0
        self._urge, self._threshold = 0.0, self._patience()
        self._began = 0.0
        self._start = self._target = (0.0, 0.0)

    def step(self, quiet: float, yaw: float, pitch: float, amount: float = 1.0) -> tuple[float, float]:
        """The next frame's gaze as `Pose` has it, from the portrait's own.

        quiet: seconds since the last voice. yaw, pitch: of the head, in degrees as in `HeadPose`.
        amount: of fixations and glances. Eyes that move at all hold what they look at.
        """
        self._t += self._dt
        state = "speaking" if quiet <= PAUSE[0] else "pausing" if quiet < PAUSE[1] else "silent"
        looks_away = self._t < self._away_until
        if not looks_away:
            self._urge += self._dt / LOOKS_AWAY[state]
        if self._t >= self._next:
            if not looks_away and self._urge > self._threshold:
                self._look_away(state)
            elif looks_away:
                aside, up = self._rng.normal(0.0, 1.2, 2).tolist()
                self._shift((self._target[0] + aside, self._target[1] + up), AWAY_FIXATION)
            else:
                aside, up = self._rng.normal(0.0, ON_FACE).tolist()
                self._shift((aside, up), FIXATION)
        x, y = self._eyes()
        x, y, held = amount * x, amount * y, min(amount / HOLDS_FROM, 1.0)
        return _within((x - held * yaw) / MOST_X), _within((y + held * pitch) / MOST_Y)

    def _look_away(self, state: str) -> None:
        way = (
            math.pi
            / 4
            * float(self._rng.choice(8, p=DIRECTIONS / DIRECTIONS.sum()) + self._rng.uniform(-0.3, 0.3))
        )
        size = min(NEAREST + float(self._rng.exponential(GLANCE - NEAREST)), FURTHEST)
        lasts = float(np.clip(self._rng.gamma(3.0, AWAY[state] / 3.0), 0.3, 3.0))
        self._away_until = self._t + lasts
        self._urge, self._threshold = 0.0, self._patience()
        # Upwards and downwards the eyes turn less far.
        self._shift((size * math.cos(way), size * (0.7 * math.sin(way))), AWAY_FIXATION)
        self._next = min(self._next, self._away_until)

    def _shift(self, target: tuple[float, float], fixation: float) -> None:
        lasts = SHORTEST + float(self._rng.gamma(2.0, (fixation - SHORTEST) / 2.0))
        self._start, self._target, self._began = self._target, target, self._t
        self._next = self._t + lasts
        if self._t < self._away_until:
            self._next = min(self._next, self._away_until)

    def _eyes(self) -> tuple[float, float]:
        """Degrees to the right and up, on the way of a saccade or at its end."""
        x, y = self._start
        way_x, way_y = self._target[0] - x, self._target[1] - y
        lasts = 0.021 + 0.0022 * math.hypot(way_x, way_y)
        # The saccade began somewhere within the frame before.
        share = min((self._t - self._began + 0.5 * self._dt) / lasts, 1.0)
        eased = share * share * (3.0 - 2.0 * share)
        return x + way_x * eased, y + way_y * eased

    def _patience(self) -> float:
        return float(self._rng.gamma(2.5, 1.0 / 2.5))


def _within(share: float) -> float:
    return min(max(share, -1.0), 1.0)
