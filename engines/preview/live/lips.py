"""The mouth of a live session: poses without waiting for the frames after, and a mouth that can be closed."""

from __future__ import annotations

from collections import deque
from dataclasses import fields

import numpy as np

from engines.preview.articulation import Articulation, gap_at_rest
from engines.preview.lips import MouthPose
from engines.preview.options import PreviewOptions

CLOSES_IN = 0.16
"""Seconds in which an interrupted mouth comes to rest."""
_MOST_AHEAD = 16  # rows that any smoothing needs at any rate


def between(start: MouthPose, end: MouthPose, share: float) -> MouthPose:
    """The pose at `share` (0..1) of the way from one to the other."""
    names = [field.name for field in fields(MouthPose)]
    return MouthPose(**{n: (1.0 - share) * getattr(start, n) + share * getattr(end, n) for n in names})


class LiveLips:
    """Turns rows of `mouth.CHANNELS` into one pose per frame.

    Where the smoothing of `Articulation` looks ahead, it takes the rows that the network expects, and beyond
    them the last one.
    """

    def __init__(self, options: PreviewOptions) -> None:
        self._articulation = Articulation(options)
        self._options, self._gap = options, gap_at_rest(options)
        self._past: deque[np.ndarray] = deque(maxlen=_MOST_AHEAD)
        self._pose = MouthPose()
        self._left: MouthPose | None = None
        self._since = 0.0

    @property
    def ahead(self) -> int:
        """How many expected rows `pose` can use."""
        return self._articulation.ahead

    def change(self, options: PreviewOptions, gap: float) -> None:
        """See `Articulation.change`."""
        if options is self._options and gap == self._gap:
            return
        self._options, self._gap = options, gap
        self._articulation.change(options, gap)

    def interrupt(self) -> None:
        """Forget what was said, and lead the lips from where they are to what comes next."""
        self._articulation = Articulation(self._options)
        self._articulation.change(self._options, self._gap)
        self._past.clear()
        self._left, self._since = self._pose, 0.0

    def pose(self, rows: np.ndarray) -> MouthPose:
        """The next frame's pose. rows: (1 + n, 7), its own row and those expected after it."""
        ahead = self._articulation.ahead
        first = self._past[0] if self._past else rows[0]  # before it, the mouth was as it is in the first
        before = [self._past[-i] if i <= len(self._past) else first for i in range(ahead, 0, -1)]
        after = [rows[min(i, len(rows) - 1)] for i in range(1, ahead + 1)]
        self._pose = self._articulation.pose(np.stack([*before, rows[0], *after]))
        self._past.append(rows[0])
        if self._left is not None:
            self._since += 1.0 / self._options.fps
            share = min(self._since / CLOSES_IN, 1.0)
            self._pose = between(self._left, self._pose, share * share * (3.0 - 2.0 * share))
            if share == 1.0:
                self._left = None
        return self._pose
