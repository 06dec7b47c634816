"""How fast the last steps were."""

from __future__ import annotations

import time
from collections import deque

_WINDOW = 20


class StepTimer:
    """Times steps; what happens between them, such as saving, does not count."""

    def __init__(self, samples_per_step: int) -> None:
        self._samples = samples_per_step
        self._seconds: deque[float] = deque(maxlen=_WINDOW)
        self._began = 0.0

    def begin(self) -> None:
        """A step begins."""
        self._began = time.monotonic()

    def end(self) -> None:
        """It ends."""
        self._seconds.append(time.monotonic() - self._began)

    @property
    def seconds_per_step(self) -> float:
        """Of the last steps; the first one, which warms up, is left out as soon as there are others."""
        counted = list(self._seconds)[1:] if 1 < len(self._seconds) < _WINDOW else list(self._seconds)
        return sum(counted) / max(1, len(counted))

    @property
    def samples_per_second(self) -> float:
        """Of all processes together."""
        return self._samples / max(self.seconds_per_step, 1e-9)
