"""How a face stands in one frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from engines.preview.head import HeadPose
from engines.preview.lips import MouthPose


@dataclass(frozen=True)
class Pose:
    """Everything that moves in one frame. `blinks` has one value (0 open..1 closed) per eye of the rig.

    gaze_x, gaze_y: -1..1, from the portrait's own gaze towards the picture's right and upwards.
    face: the blend shapes of an emotion, 0..1 by the names of `media.performance.blendshapes`.
    """

    mouth: MouthPose = field(default_factory=MouthPose)
    head: HeadPose = field(default_factory=HeadPose)
    blinks: tuple[float, ...] = (0.0, 0.0)
    brow: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    face: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def joined(cls, mouth: MouthPose, motion: np.ndarray) -> Pose:
        """The mouth with a row of `motion.MOTION_CHANNELS`."""
        yaw, pitch, roll, shift_x, shift_y, left, right, brow, smile, gaze_x, gaze_y, breath, sway = (
            motion.tolist()
        )
        return cls(
            mouth=replace(mouth, smile=smile),
            head=HeadPose(yaw, pitch, roll, shift_x, shift_y, breath, sway),
            blinks=(left, right),
            brow=brow,
            gaze_x=gaze_x,
            gaze_y=gaze_y,
        )
