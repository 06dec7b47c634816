"""Adds emotions to generated motion, as offsets of LivePortrait's keypoints.

An emotion comes as blend shapes of ARKit. LivePortrait's keypoints know fewer moves: the whole brow up or
down, lids, and a smile that may be negative. So sad and afraid raise the whole brow, and what has no move
(the nose, pressed or stretched lips, the head's nod) is left out. So is the jaw: speech is the sounds' alone,
and in pauses it would part the lips.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.emotion.shapes import NO_EXPRESSION, Expression
from engines.joyvasa.motion.arkit import PLACES, offsets_of
from engines.joyvasa.motion.pose import HeadMotion
from media.performance.blendshapes import BLENDSHAPES

_MOVED = ("brow", "eyeBlink", "eyeSquint", "eyeWide", "mouthSmile", "mouthFrown")
"""The shapes of an emotion that the engine shows, by the beginnings of their names."""


def with_emotion(motion: HeadMotion, expressions: Sequence[Expression]) -> HeadMotion:
    """The motion with an expression in each frame; without any, the same object."""
    if all(one is NO_EXPRESSION for one in expressions):
        return motion
    rows = np.zeros((len(motion), len(BLENDSHAPES)), np.float32)
    for row, expression in zip(rows, expressions, strict=True):
        for name, value in expression.shapes.items():
            if name.startswith(_MOVED):
                row[PLACES[name]] = value
    return motion.with_changes(exp=(motion.exp + offsets_of(rows)).astype(np.float32))
