"""Turns generated motion into the keypoints for the renderer.

Keypoints follow LivePortrait (arXiv:2407.03168), section 3: x = scale * (keypoints @ R + expression) + t.
Motion is always relative to its own first frame: the change since then is added to the portrait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engines.joyvasa.face.openness import CLOSED_LIPS
from engines.joyvasa.motion.pose import KEYPOINTS, HeadMotion, SourcePose

Region = Literal["all", "exp", "pose", "lip", "eyes"]
DrivingOption = Literal["expression-friendly", "pose-friendly"]
Lips = Literal["absolute", "relative"]
Network = Callable[[np.ndarray], np.ndarray]
"""One of the small stitching networks as a function from (n, inputs) to (n, outputs) float32."""

LIP_POINTS = (6, 12, 14, 17, 19, 20)
EYE_POINTS = (11, 13, 15, 16, 18)


@dataclass(frozen=True)
class Retargeting:
    """How motion is transferred to a portrait. The fields are the options of the same names.

    region: what may move. all; exp: the expression with lips and eyes; pose: the head; lip; eyes.
    lips: absolute lips are those of the generated motion, whatever the portrait's lips are; relative lips add
    the change to the portrait's. Animals always have relative lips.
    driving_option: expression-friendly scales all movement by the sizes of the two faces.
    multiplier: strength of all movement.
    original: reproduce the original's faults, too: size and place follow the motion in every region, lips are
        relative in region lip, and region eyes moves no eye.
    """

    animal: bool = False
    region: Region = "all"
    lips: Lips = "absolute"
    relative_motion: bool = True
    driving_option: DrivingOption = "pose-friendly"
    multiplier: float = 1.0
    original: bool = False

    @property
    def moves_head(self) -> bool:
        """Whether the head turns."""
        return self.region in ("all", "pose") or (self.animal and self.original)

    @property
    def scales_by_hull(self) -> bool:
        """Whether movement is scaled by the sizes of the two faces."""
        return self.animal or (self.relative_motion and self.driving_option == "expression-friendly")

    def relative_points(self) -> np.ndarray:
        """(21, 1) bool: points that add the change of the expression."""
        if (self.animal and self.original) or self.region in ("all", "exp"):
            return np.ones((KEYPOINTS, 1), bool)
        if self.region == "eyes" and self.original:
            return np.zeros((KEYPOINTS, 1), bool)
        return _points({"pose": (), "lip": LIP_POINTS, "eyes": EYE_POINTS}[self.region])

    def absolute_points(self) -> np.ndarray:
        """(21, 1) bool: points that take the expression as it is."""
        regions = ("all", "exp") if self.original else ("all", "exp", "lip")
        absolute = not self.animal and self.lips == "absolute" and self.region in regions
        return _points(LIP_POINTS if absolute else ())


class Retargeter:
    """Transfers motion to one portrait, window after window; the first frame is kept."""

    def __init__(
        self,
        source: SourcePose,
        first: HeadMotion,
        settings: Retargeting,
        *,
        stitch: Network | None = None,
        lip_offset: np.ndarray | None = None,
    ) -> None:
        """first: the motion's first frame (only its frame 0 is read).
        stitch: (n, 126) source and driving keypoints -> (n, 65) corrections; None turns stitching off.
        lip_offset: (1, 21, 3) from `lip_closing`, added to every frame; None adds nothing.
        """
        self._source = source
        self._first = first[:1]
        self._settings = settings
        self._stitch = stitch
        self._lip_offset = lip_offset
        self._first_keypoints = self._placed(self._first)
        self._size_ratio = (
            size_ratio(source.keypoints[0], self._first_keypoints[0]) if settings.scales_by_hull else 1.0
        )

    def keypoints(self, motion: HeadMotion) -> np.ndarray:
        """The keypoints for the renderer, (n, 21, 3) float32."""
        still = self._source.keypoints
        driven = self._placed(motion)
        if self._settings.scales_by_hull:
            driven = still + self._size_ratio * (driven - self._first_keypoints)
        if self._stitch is not None:
            driven = stitched(still, driven, self._stitch)
        if self._lip_offset is not None:
            driven = driven + self._lip_offset
        return (still + (driven - still) * self._settings.multiplier).astype(np.float32)

    def _placed(self, motion: HeadMotion) -> np.ndarray:
        """(n, 21, 3): the portrait's own keypoints, moved as the motion moved since its first frame."""
        settings, source, first = self._settings, self._source.motion, self._first
        rotation = source.rotation
        if settings.moves_head:
            rotation = motion.rotation @ first.rotation.transpose(0, 2, 1) @ rotation
        scale, t = source.scale, source.t
        if settings.moves_head or settings.original:
            t = t + motion.t - first.t
            if not settings.animal:
                scale = scale * (motion.scale / first.scale)
        exp = source.exp + np.where(settings.relative_points(), motion.exp - first.exp, 0)
        exp = np.where(settings.absolute_points(), motion.exp, exp)
        placed = scale[..., None] * (self._source.kp @ rotation + exp)
        placed[..., :2] += t[:, None, :2]
        return placed.astype(np.float32, copy=False)


def size_ratio(source: np.ndarray, driving: np.ndarray) -> float:
    """Square root of the ratio of two faces' convex hulls, volumes of (21, 3) points each.

    The square root of a volume is what the original takes. 1.0 when a hull is flat.
    """
    # late: it takes a while to import
    from scipy.spatial import ConvexHull, QhullError  # type: ignore[import-untyped]

    try:
        return float(np.sqrt(ConvexHull(source).volume) / np.sqrt(ConvexHull(driving).volume))
    except QhullError:
        return 1.0


def stitched(source: np.ndarray, driving: np.ndarray, network: Network) -> np.ndarray:
    """Driving keypoints corrected so that shoulders and border stay.

    source: (1, 21, 3), or (n, 21, 3) where every frame has its own; driving: (n, 21, 3); network: as in
    `Retargeter`. Returns (n, 21, 3).
    """
    count = len(driving)
    stills = np.broadcast_to(source, driving.shape).reshape(count, -1)
    pairs = np.concatenate([stills, driving.reshape(count, -1)], axis=1)
    corrections = network(pairs.astype(np.float32))
    moved = driving + corrections[:, :-2].reshape(driving.shape)
    moved[..., :2] += corrections[:, None, -2:]
    return moved


def lip_closing(source: SourcePose, ratio: float, network: Network) -> np.ndarray | None:
    """Offsets that close the portrait's lips, (1, 21, 3) float32; None when they are closed already.

    ratio: `ratios.lip_ratio` of the portrait. network: (1, 65) keypoints, ratio, wanted ratio -> (1, 63).
    """
    if ratio < CLOSED_LIPS:
        return None
    condition = np.concatenate([source.keypoints.reshape(1, -1), [[ratio, 0.0]]], axis=1)
    return network(condition.astype(np.float32)).reshape(1, KEYPOINTS, 3)


def _points(numbers: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros((KEYPOINTS, 1), bool)
    mask[list(numbers)] = True
    return mask
