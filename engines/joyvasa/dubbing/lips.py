"""Drives the lips of a video's frames: keypoints whose lips are the voice's, and everything else the frame's.

LivePortrait does the same for a video source in the region "lip". It closes the lips of each frame first, by
its lip network, so that the old mouth does not show through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.joyvasa.motion.edits import rest_expression
from engines.joyvasa.motion.pose import HeadMotion, SourcePose, transform_keypoints
from engines.joyvasa.motion.retargeting import LIP_POINTS, Lips, Network, lip_closing, stitched

LIPS = list(LIP_POINTS)


@dataclass(frozen=True, eq=False)
class SpokenLips:
    """What the voice says at one moment.

    lips: (6, 3) float32 expression of LIP_POINTS. change: (6, 3) the same since the voice's first frame.
    shut: 0..1, how far the lips are at rest, whatever the motion says.
    """

    lips: np.ndarray
    change: np.ndarray
    shut: float


@dataclass(frozen=True)
class LipDriver:
    """Turns the poses of frames into the keypoints that are rendered.

    lips: as the option. opening: factor of the lips' distance from their rest. close: LivePortrait's lip
    network. stitch: its stitching network; None turns stitching off.
    """

    lips: Lips
    opening: float
    close: Network
    stitch: Network | None

    def keypoints(
        self, poses: Sequence[SourcePose], ratios: Sequence[float], spoken: Sequence[SpokenLips]
    ) -> np.ndarray:
        """(n, 21, 3) float32.

        poses: of n frames. ratios: how far their lips are open, as `openness.lip_ratio`.
        """
        own = HeadMotion.joined([pose.motion for pose in poses])
        exp = own.exp.copy()
        for row, pose, ratio, said in zip(exp, poses, ratios, spoken, strict=True):
            row[LIPS] = self._lips(pose, ratio, said)
        canonical = np.stack([pose.kp for pose in poses])
        driven = transform_keypoints(canonical, own.with_changes(exp=exp))
        if self.stitch is not None:
            driven = stitched(np.concatenate([pose.keypoints for pose in poses]), driven, self.stitch)
        return driven.astype(np.float32, copy=False)

    def _lips(self, pose: SourcePose, ratio: float, said: SpokenLips) -> np.ndarray:
        """(6, 3) expression of a frame's new lips."""
        motion = pose.motion
        closing = lip_closing(pose, ratio, self.close)
        rest = rest_expression(motion.exp, float(motion.scale[0, 0]), closing)[LIPS]
        away = said.change if self.lips == "relative" else said.lips - rest
        return np.asarray(rest + (1 - said.shut) * self.opening * away, np.float32)
