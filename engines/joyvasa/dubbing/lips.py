"""Drives the lips of a video's frames: keypoints whose lips are the voice's, and everything else the frame's.

LivePortrait (src/live_portrait_pipeline.py) does the same for a video source in the region "lip", and these
keypoints are its own: driven lips, then stitching, then the lip network's offsets that close the old mouth,
which move all 21 points. LivePortrait closes lips that move relative to the frame's own; here, silence and a
smaller mouth opening close absolute lips, too. It also smooths expressions over the whole video, which moves
a keypoint by 1 % of its way at its default variance. This is left out: a frame would wait for the next ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
        closing = np.zeros_like(exp)
        for row, offset, pose, ratio, said in zip(exp, closing, poses, ratios, spoken, strict=True):
            strength = self.opening * (1 - said.shut)
            relative = self.lips == "relative"
            row[LIPS] += strength * (said.change if relative else said.lips - row[LIPS])
            offset += self._closing(pose, ratio, 1.0 if relative else 1 - strength)
        canonical = np.stack([pose.kp for pose in poses])
        driven = transform_keypoints(canonical, own.with_changes(exp=exp))
        if self.stitch is not None:
            driven = stitched(np.concatenate([pose.keypoints for pose in poses]), driven, self.stitch)
        return (driven + closing).astype(np.float32, copy=False)

    def _closing(self, pose: SourcePose, ratio: float, share: float) -> np.ndarray | float:
        """Offsets (21, 3) that close the own lips of a frame by a share, 0..1; below 0, they open them."""
        offsets = lip_closing(pose, ratio, self.close) if share else None
        return 0.0 if offsets is None else share * offsets[0]
