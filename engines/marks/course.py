"""The values of marks, frame by frame, without a jump."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.emotion.easing import MOST_PER_FRAME
from engines.marks.reading import TURNS, marked_tracks

SECONDS = 0.4
"""How long an option takes at least to change by 1..."""
DEGREES_PER_SECOND = 60.0
"""...and how fast marks may turn the head."""


class Course:
    """Follows the marks of one job. Values that jump in the marks glide here."""

    def __init__(self, marks: str, markable: Sequence[str], fps: float) -> None:
        """marks: the option's text. markable: the engine's options that marks may change."""
        self._tracks = marked_tracks(marks, tuple(markable))
        self._fps = fps
        self._frame = -1
        most = {"option": 1.0 / (SECONDS * fps), "emotion": MOST_PER_FRAME, "turn": DEGREES_PER_SECOND / fps}
        self._most = [most[one.kind] for one in self._tracks]
        # Options begin where the marks are. The face and the head begin as the portrait shows them.
        self._values = [
            float(one.track.sampled(np.zeros(1))[0]) if one.kind == "option" else 0.0 for one in self._tracks
        ]

    def __bool__(self) -> bool:
        return bool(self._tracks)

    def step(self) -> None:
        """Move on to the next frame; the first call to the first one."""
        self._frame += 1
        if self._frame == 0:
            return
        time = np.array([self._frame / self._fps])
        for i, one in enumerate(self._tracks):
            far = float(one.track.sampled(time)[0]) - self._values[i]
            self._values[i] += min(max(far, -self._most[i]), self._most[i])

    @property
    def options(self) -> dict[str, float]:
        """The marked options of the current frame."""
        return self._of("option")

    @property
    def emotions(self) -> dict[str, float]:
        """The strengths of the marked emotions, 0..1."""
        return self._of("emotion")

    @property
    def turns(self) -> tuple[float, float, float]:
        """Degrees of TURNS: yaw to the person's right, pitch down, roll clockwise in the picture."""
        found = self._of("turn")
        yaw, pitch, roll = (found.get(name, 0.0) for name in TURNS)
        return yaw, pitch, roll

    def _of(self, kind: str) -> dict[str, float]:
        return {
            one.name: value for one, value in zip(self._tracks, self._values, strict=True) if one.kind == kind
        }
