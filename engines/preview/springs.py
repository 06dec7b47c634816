"""Damped followers and filtered noise, which turn a series of decisions into movement.

Both are solved exactly for the frame's duration, so that they move alike at 12 and at 60 frames per
second and never overshoot by numerical accident.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


class Spring:
    """A number that follows its target as a damped mass on a spring does.

    hertz: natural frequency; damping: 1 settles without overshoot, below 1 swings a little.
    The position is C1-smooth for a target that jumps, C2-smooth for one that is continuous.
    """

    def __init__(self, hertz: float, damping: float, dt: float) -> None:
        self.position = self.velocity = 0.0
        omega = 2 * np.pi * hertz
        # exp(A dt) of x' = v, v' = -omega^2 x - 2 damping omega v, by its series on a short step, squared.
        step = np.array([[0.0, 1.0], [-(omega**2), -2 * damping * omega]]) * dt / 1024
        transition = np.eye(2) + step + step @ step / 2 + step @ step @ step / 6
        for _ in range(10):
            transition = transition @ transition
        # Python's numbers: for a few of them, arrays take ten times as long as the step itself.
        (self._a, self._b), (self._c, self._d) = transition.tolist()

    def step(self, target: float, push: float = 0.0) -> float:
        """Move one frame towards `target`, after adding `push` to the velocity; returns the position."""
        offset, velocity = self.position - target, self.velocity + push
        self.position = target + self._a * offset + self._b * velocity
        self.velocity = self._c * offset + self._d * velocity
        return self.position


class Wander:
    """Smooth noise of unit variance that never repeats: white noise through a pole twice over.

    seconds: time constant; the wander loses its memory after about five of them.
    """

    def __init__(self, size: int, seconds: float, dt: float) -> None:
        self._keep = float(np.exp(-dt / seconds))
        self._state = [(0.0, 0.0)] * size
        r = self._keep
        # Variance of two equal poles in a row, driven by unit white noise: (1 + r^2) / (1 - r^2)^3.
        self._gain = float(np.sqrt((1 - r * r) ** 3 / (1 + r * r)))

    def step(self, noise: Iterable[float]) -> list[float]:
        """One frame further; noise: `size` standard normal numbers. Returns as many."""
        keep, made = self._keep, []
        for (first, second), one in zip(self._state, noise, strict=True):
            first = keep * first + one
            made.append((first, keep * second + first))
        self._state = made
        return [second * self._gain for _, second in made]
