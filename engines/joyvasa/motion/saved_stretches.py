"""Reads JoyVASA's motion from a saved one, a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator

from engines.joyvasa.motion.pose import KEYPOINTS, HeadMotion
from engines.saved_motion import SavedMotion
from media.errors import InputError

SHAPES = {"exp": (KEYPOINTS, 3), "scale": (1,), "t": (3,), "pitch": (1,), "yaw": (1,), "roll": (1,)}
"""The shape of one frame of each saved array."""
STRETCH = 100
"""Frames of a saved motion that are read at once."""


def saved_stretches(motion: SavedMotion) -> Iterator[HeadMotion]:
    """The motion of an earlier job in stretches. Raises InputError if another engine made it."""
    whole = whole_motion(motion)
    yield from (whole[start : start + STRETCH] for start in range(0, len(whole), STRETCH))


def whole_motion(motion: SavedMotion) -> HeadMotion:
    """All of a saved motion. Raises InputError if another engine made it."""
    for name, shape in SHAPES.items():
        if name not in motion.arrays or motion.arrays[name].shape[1:] != shape:
            raise InputError(
                "The saved motion cannot be rendered: its {name} is missing or has the wrong shape. Sample "
                "the motion again.",
                name=name,
            )
    return HeadMotion(**{name: motion.arrays[name] for name in SHAPES})
