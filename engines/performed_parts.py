"""Which parts of a face a recorded performance moves; everything else is left to the voice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media.performance.blendshapes import JAW, MOUTH
from media.performance.performance import Performance

BACK = 0.3
"""Seconds after the end of the performance in which the face passes to what the voice says."""
OFF_CENTRE = np.radians(12.0)
"""A head that is turned further than this on average was recorded from the side, which is straight here."""
KEPT_TURNS = 0.8
"""Share of the largest turns up to which a recorded turn stays as it is."""
SMILES = frozenset(f"mouth{kind}{side}" for kind in ("Smile", "Frown") for side in ("Left", "Right"))
LIPS = frozenset({*JAW, *MOUTH}) - SMILES
LIDS = frozenset({"eyeBlinkLeft", "eyeBlinkRight"})


@dataclass(frozen=True)
class PerformedParts:
    """What follows the performance. mouth: jaw and lips, without smiles. head: its turns."""

    mouth: bool = True
    lids: bool = True
    gaze: bool = True
    brows: bool = True
    smile: bool = True
    head: bool = True

    @property
    def everything(self) -> bool:
        """Whether nothing is left to the voice."""
        return self.mouth and self.lids and self.gaze and self.brows and self.smile and self.head


def parts_of(performance: Performance, *, mouth: bool = True) -> PerformedParts:
    """The parts that a performance moves. mouth: whether it may move the mouth."""
    has = performance.has
    return PerformedParts(
        mouth=mouth and bool(has & LIPS),
        lids=bool(has & LIDS),
        gaze=any(name.startswith("eyeLook") for name in has),
        brows=any(name.startswith("brow") for name in has),
        smile=bool(has & SMILES),
        # Programs without the head's angles leave their cells empty or write 0.
        head=bool(np.nan_to_num(performance.rotations[:, :3]).any()),
    )


def straight_ahead(performance: Performance) -> np.ndarray:
    """(3,) yaw, pitch and roll of the head that count as straight ahead, in radians."""
    _, angles = performance.at(performance.times)
    middle = np.median(angles[:, :3], axis=0)
    return np.where(np.abs(middle) > OFF_CENTRE, middle, 0.0)


def limited(turns: np.ndarray, largest: np.ndarray) -> np.ndarray:
    """Turns that stay as they are up to KEPT_TURNS of the largest, and approach these beyond."""
    kept = KEPT_TURNS * largest
    left = largest - kept
    beyond = np.abs(turns) - kept
    return np.sign(turns) * np.where(beyond > 0, kept + left * np.tanh(beyond / left), np.abs(turns))


def shares(moments: np.ndarray, duration: float) -> np.ndarray:
    """(n,) how much of the frames at these seconds is the performance's: 1, and 0 from BACK after its end."""
    return np.clip(1.0 - (moments - duration) / BACK, 0.0, 1.0)
