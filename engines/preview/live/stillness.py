"""Tells whether a frame would look different from the one that was painted last."""

from __future__ import annotations

import math

from engines.preview.body import RISES
from engines.preview.pose import Pose
from engines.preview.rig import Rig

LEAST_PIXELS = 0.2
"""A head or an iris that moved less than this has not moved."""
LEAST_SHARE = 0.004
"""The same for lips, lids and brows, as a share of their way."""

EYE_WAY = 0.42
"""The way of an iris at a gaze of 1, in half eye widths."""


class Stillness:
    """Remembers the pose of the last painted frame of one portrait."""

    def __init__(self, rig: Rig) -> None:
        self._unit = rig.head.frame.unit
        self._eye = EYE_WAY * max((eye.frame.unit for eye in rig.eyes), default=0.0)
        self._last: Pose | None = None

    def painted(self, pose: Pose) -> None:
        """Remember the pose that was painted."""
        self._last = pose

    def differs(self, pose: Pose) -> bool:
        """Whether any pixel moves visibly from the remembered pose to this one."""
        last = self._last
        if last is None:
            return True
        head, before = pose.head, last.head
        turn = abs(head.yaw - before.yaw) + abs(head.pitch - before.pitch)
        roll = abs(head.roll - before.roll)
        shift = abs(head.shift_x - before.shift_x) + abs(head.shift_y - before.shift_y)
        # The nose is half a face height before the neck's pivot, the crown about one above it.
        if self._unit * (math.radians(0.5 * turn + 1.0 * roll) + shift) > LEAST_PIXELS:
            return True
        breath, sway = RISES * (head.breath - before.breath), head.sway - before.sway
        if self._unit * (abs(breath) + abs(sway)) > LEAST_PIXELS:
            return True
        glance = max(abs(pose.gaze_x - last.gaze_x), abs(pose.gaze_y - last.gaze_y))
        if self._eye * glance > LEAST_PIXELS:
            return True
        ways = zip(
            (*vars(pose.mouth).values(), *pose.blinks, pose.brow),
            (*vars(last.mouth).values(), *last.blinks, last.brow),
            strict=True,
        )
        if any(abs(a - b) > LEAST_SHARE for a, b in ways):
            return True
        names = pose.face if pose.face is last.face else {**last.face, **pose.face}
        return any(abs(pose.face.get(n, 0.0) - last.face.get(n, 0.0)) > LEAST_SHARE for n in names)
