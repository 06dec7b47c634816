"""The emotions, each as blend shapes of ARKit that are added to speech.

The shapes follow the prototypes of the Facial Action Coding System (Ekman, Friesen and Hager 2002, EMFACS):
happy 6+12, sad 1+4+15, angry 4+5+7+23, surprised 1+2+5+26, afraid 1+2+4+5+20, disgusted 9+10+4. Relaxed is
VRM's: a faint smile under heavy lids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SMILE_FADES = "smileFades"
"""A shape of our own beside ARKit's: how far the portrait's own smile fades. A smiling face is not sad."""
SIDES = ("Left", "Right")
_SIDED = (
    "browDown",
    "browOuterUp",
    "eyeBlink",
    "eyeSquint",
    "eyeWide",
    "cheekSquint",
    "noseSneer",
    "mouthSmile",
    "mouthFrown",
    "mouthStretch",
    "mouthUpperUp",
    "mouthPress",
)

EMOTION_SHAPES: Mapping[str, Mapping[str, float]] = {
    "neutral": {},
    "happy": {
        "mouthSmile": 0.84,
        "mouthPress": 0.35,
        "cheekSquint": 0.7,
        "eyeSquint": 0.45,
        "browOuterUp": 0.1,
    },
    "sad": {
        "browInnerUp": 1.0,
        "browDown": 0.1,
        "eyeBlink": 0.12,
        "mouthFrown": 0.75,
        "mouthPress": 0.35,
        "mouthShrugLower": 0.35,
        SMILE_FADES: 1.0,
    },
    "angry": {
        "browDown": 1.0,
        "eyeSquint": 0.45,
        "eyeWide": 0.2,
        "mouthPress": 0.9,
        "mouthFrown": 0.85,
        SMILE_FADES: 0.9,
    },
    "surprised": {
        "browInnerUp": 0.75,
        "browOuterUp": 0.85,
        "eyeWide": 0.45,
        "jawOpen": 0.27,
        "mouthFrown": 0.15,
        "mouthPress": 0.5,
        SMILE_FADES: 1.0,
    },
    "afraid": {
        "browInnerUp": 0.95,
        "browOuterUp": 0.35,
        "browDown": 0.2,
        "eyeWide": 0.6,
        "mouthStretch": 0.85,
        "mouthFrown": 0.6,
        "jawOpen": 0.1,
        SMILE_FADES: 0.85,
    },
    "disgusted": {
        "noseSneer": 0.9,
        "mouthShrugUpper": 0.95,
        "mouthShrugLower": 0.5,
        "mouthUpperUp": 0.25,
        "mouthFrown": 0.92,
        "mouthPress": 1.0,
        "browDown": 0.65,
        "eyeSquint": 0.6,
        "cheekSquint": 0.6,
        SMILE_FADES: 0.9,
    },
    "relaxed": {"mouthSmile": 0.7, "cheekSquint": 0.15, "eyeBlink": 0.2},
}
"""Blend shapes of each emotion at strength 1. A name without its side stands for both sides."""

_NODS: Mapping[str, float] = {"sad": 2.0, "angry": 1.2, "surprised": -1.2, "afraid": -0.8, "disgusted": -1.0}
"""Degrees by which the head nods down (> 0) or leans back."""

NAMES = tuple(EMOTION_SHAPES)
"""All emotions, in the order in which forms and texts list them."""


@dataclass(frozen=True)
class Expression:
    """What emotions add to a face.

    shapes: values 0..1 by the names of `media.performance.blendshapes`, and SMILE_FADES; a shape that is
    missing is 0. Left and right are the person's. nod: degrees, > 0 lowers the chin.
    """

    shapes: Mapping[str, float] = field(default_factory=dict)
    nod: float = 0.0


NO_EXPRESSION = Expression()


def expression_of(strengths: Mapping[str, float]) -> Expression:
    """The sum of emotions, each at its strength 0..1; no shape exceeds 1."""
    shapes: dict[str, float] = {}
    for name, strength in strengths.items():
        for shape, amount in EMOTION_SHAPES[name].items():
            for side in SIDES if shape in _SIDED else ("",):
                shapes[shape + side] = min(shapes.get(shape + side, 0.0) + amount * strength, 1.0)
    nod = sum(_NODS.get(name, 0.0) * strength for name, strength in strengths.items())
    return Expression({n: v for n, v in shapes.items() if v}, nod) if shapes or nod else NO_EXPRESSION
