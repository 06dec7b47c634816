"""Adds an emotion to a pose that speaks, looks and blinks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engines.emotion.shapes import NO_EXPRESSION, Expression
from engines.preview.pose import Pose

_OPEN_LIPS = 0.12  # an opening that leaves nothing to press
WIDENS, SMILE_WIDENS = 0.6, 0.15
"""How much further lips open that speech parts, at an emotion's jawOpen and mouthSmile of 1: corners that are
drawn out narrow the opening. Both scale it, so that no emotion parts lips that are closed."""


def expressed(pose: Pose, expression: Expression) -> Pose:
    """The pose with an expression. Lips that speech or a pause closes stay closed, lids in a blink, too."""
    if expression is NO_EXPRESSION:
        return pose
    shapes, mouth = expression.shapes, pose.mouth
    smile = 0.5 * (shapes.get("mouthSmileLeft", 0.0) + shapes.get("mouthSmileRight", 0.0))
    drop = mouth.drop * (1.0 + WIDENS * shapes.get("jawOpen", 0.0) + SMILE_WIDENS * smile)
    pressed = 0.5 * (shapes.get("mouthPressLeft", 0.0) + shapes.get("mouthPressRight", 0.0))
    press = max(mouth.press, pressed * max(1.0 - drop / _OPEN_LIPS, 0.0))
    # The person's right eye is the picture's left one.
    heavy = shapes.get("eyeBlinkRight", 0.0), shapes.get("eyeBlinkLeft", 0.0)
    left, right = (blink + (1.0 - blink) * lid for blink, lid in zip(pose.blinks, heavy, strict=True))
    return replace(
        pose,
        mouth=replace(mouth, drop=drop, press=press),
        head=replace(pose.head, pitch=pose.head.pitch + expression.nod),
        blinks=(left, right),
        face=_sum(pose.face, shapes) if pose.face else shapes,
    )


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Blend shapes that both move, up to 1."""
    return {name: min(one.get(name, 0.0) + other.get(name, 0.0), 1.0) for name in {**one, **other}}
