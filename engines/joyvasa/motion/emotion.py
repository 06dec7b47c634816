"""Adds emotions to generated motion, as offsets of LivePortrait's keypoints.

An emotion comes as blend shapes of ARKit. LivePortrait's keypoints know fewer moves: the whole brow up or
down, lids, and a smile that may be negative. So sad and afraid raise the whole brow, and what has no move
(the nose, pressed or stretched lips, the head's nod) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engines.emotion.shapes import NO_EXPRESSION, Expression
from engines.joyvasa.motion.blendshape_offsets import (
    CLOSE_EYES,
    LOWER_BROWS,
    OPEN_JAW,
    RAISE_BROWS,
    SMILE,
    offsets,
)
from engines.joyvasa.motion.pose import HeadMotion

FROWN = 0.3
"""The lowest of the smiles on LivePortrait's page, for a full frown."""
WIDE, SQUINT = 0.35, 0.4
"""Shares of closed lids by which wide eyes open and narrowed ones close."""


def with_emotion(motion: HeadMotion, expressions: Sequence[Expression], voice: np.ndarray) -> HeadMotion:
    """The motion with an expression in each frame; without any, the same object.

    voice: (n,) 1 during speech. The jaw opens only in pauses: in speech it is the sounds' alone.
    """
    if all(one is NO_EXPRESSION for one in expressions):
        return motion
    added = np.stack([_offsets(one.shapes, float(v)) for one, v in zip(expressions, voice, strict=True)])
    return motion.with_changes(exp=(motion.exp + added).astype(np.float32))


def _offsets(shapes: Mapping[str, float], voice: float) -> np.ndarray:
    """(21, 3) float32 of one frame."""

    def both(name: str) -> float:
        return 0.5 * (shapes.get(name + "Left", 0.0) + shapes.get(name + "Right", 0.0))

    brow = 0.6 * shapes.get("browInnerUp", 0.0) + 0.4 * both("browOuterUp") - both("browDown")
    lids = min(both("eyeBlink") + SQUINT * both("eyeSquint") - WIDE * both("eyeWide"), 1.0)
    return (
        offsets(RAISE_BROWS if brow > 0 else LOWER_BROWS, abs(brow))
        + offsets(CLOSE_EYES, lids)
        + offsets(SMILE, both("mouthSmile") - FROWN * both("mouthFrown"))
        + offsets(OPEN_JAW, shapes.get("jawOpen", 0.0) * (1.0 - voice))
    )
