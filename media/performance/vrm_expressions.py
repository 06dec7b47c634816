"""VRM's preset expressions, in terms of ARKit's blend shapes, and back.

VRM's lip-sync is five vowels. The moods (happy, angry, sad, relaxed, surprised) are not made from blend
shapes: on most models they hide the vowels. They are read where a file has them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from media.performance.blendshapes import BLENDSHAPES

MADE = ("aa", "ih", "ou", "ee", "oh", "blinkLeft", "blinkRight")
"""What a performance is turned into, in the order of the file. A VRM animation may not hold the presets for
looks: it has a point to look at instead, which needs a body."""
FORMER = {
    "a": "aa", "i": "ih", "u": "ou", "e": "ee", "o": "oh", "blink_l": "blinkLeft", "blink_r": "blinkRight",
    "joy": "happy", "sorrow": "sad", "fun": "relaxed",
}  # fmt: skip
"""VRM 0's names of the same."""
_BOTH = {
    "smile": ("mouthSmileLeft", "mouthSmileRight"), "frown": ("mouthFrownLeft", "mouthFrownRight"),
    "stretch": ("mouthStretchLeft", "mouthStretchRight"), "down": ("browDownLeft", "browDownRight"),
    "outer": ("browOuterUpLeft", "browOuterUpRight"), "wide": ("eyeWideLeft", "eyeWideRight"),
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"), "squint": ("eyeSquintLeft", "eyeSquintRight"),
    "up": ("eyeLookUpLeft", "eyeLookUpRight"), "low": ("eyeLookDownLeft", "eyeLookDownRight"),
    "left": ("eyeLookOutLeft", "eyeLookInRight"), "right": ("eyeLookInLeft", "eyeLookOutRight"),
}  # fmt: skip
_SHAPES: Mapping[str, Mapping[str, float]] = {
    "aa": {"jawOpen": 0.7},
    "ih": {"jawOpen": 0.15, "stretch": 0.3},
    "ou": {"jawOpen": 0.1, "mouthPucker": 0.7, "mouthFunnel": 0.4},
    "ee": {"jawOpen": 0.3, "stretch": 0.35},
    "oh": {"jawOpen": 0.4, "mouthPucker": 0.4, "mouthFunnel": 0.25},
    "blink": {"blink": 1.0},
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
    "lookUp": {"up": 1.0},
    "lookDown": {"low": 1.0},
    "lookLeft": {"left": 1.0},
    "lookRight": {"right": 1.0},
    "happy": {"smile": 0.7, "squint": 0.3},
    "relaxed": {"smile": 0.35},
    "sad": {"frown": 0.5, "browInnerUp": 0.5},
    "angry": {"down": 0.7, "frown": 0.2},
    "surprised": {"browInnerUp": 0.7, "outer": 0.6, "wide": 0.5, "jawOpen": 0.2},
    "neutral": {},
}

_PLACE = {name: place for place, name in enumerate(BLENDSHAPES)}
_PLACES = {name.casefold(): place for name, place in _PLACE.items()}
_KNOWN = {name.casefold(): name for name in _SHAPES}


def expressions_of(values: np.ndarray) -> np.ndarray:
    """(n, 52) blend shapes as weights of MADE, (n, 7) float32, 0..1; the vowels add up to 1 at most."""

    def get(name: str) -> np.ndarray:
        return np.mean([values[:, _PLACE[one]] for one in _BOTH.get(name, (name,))], axis=0)

    opened = np.clip((get("jawOpen") - get("mouthClose")) / 0.7, 0, 1)
    rounded = np.clip(get("mouthPucker") / 0.7, 0, 1)
    spread = np.clip(get("stretch") / 0.4, 0, 1) * (1 - rounded)
    oh = np.minimum(opened, rounded)
    ou = np.clip(rounded - oh, 0, 1)
    left = np.clip(opened - oh, 0, 1)
    ee = np.minimum(left, spread) * 0.6
    ih = np.clip(spread - ee, 0, 1) * 0.5 * (opened > 0.02)
    made = [np.clip(left - ee, 0, 1), ih, ou, ee, oh]
    total = np.maximum(np.sum(made, axis=0), 1.0)
    rows = [
        *(one / total for one in made),
        values[:, _PLACE["eyeBlinkLeft"]],
        values[:, _PLACE["eyeBlinkRight"]],
    ]
    return np.stack(rows, axis=1).astype(np.float32)


def is_known(given: str) -> bool:
    """Whether an expression's name moves a blend shape here: that of VRM 1 or 0, or of ARKit."""
    name = FORMER.get(given.casefold(), given).casefold()
    return name in _KNOWN or name in _PLACES


def values_of(weights: Mapping[str, np.ndarray], frames: int) -> tuple[np.ndarray, frozenset[str], set[str]]:
    """Expressions by their name in VRM 1 or 0, or by that of a blend shape, as (frames, 52) float32.

    weights: each (frames,). Also returns the blend shapes that are moved, and the names that are unknown.
    """
    has: set[str] = set()
    values = np.zeros((frames, len(BLENDSHAPES)), np.float32)
    unknown = set()
    for given, weight in weights.items():
        name = FORMER.get(given.casefold(), given).casefold()
        if name in _PLACES:
            values[:, _PLACES[name]] += weight
            has.add(BLENDSHAPES[_PLACES[name]])
        elif name in _KNOWN:
            for part, share in _SHAPES[_KNOWN[name]].items():
                for one in _BOTH.get(part, (part,)):
                    values[:, _PLACE[one]] += share * weight
                    has.add(one)
        else:
            unknown.add(given)
    return np.clip(values, 0, 1), frozenset(has), unknown
