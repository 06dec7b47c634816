"""The mouth of one frame of a video, as its landmarks show it: its rig, and how far it is open."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engines.preview import landmarks as index
from engines.preview.lips import UPPER_LIFT, OwnOpening
from engines.preview.rig import MouthRig, mouth_rig

SHUT, PARTED = 0.02, 0.10
"""Gaps between the inner lips, in half mouth widths, up to which lips are shut, and from which the whole gap
counts: landmarks of shut lips are apart by noise.
"""
NECK = 1.0
"""How far below the chin the neck follows it, in half mouth widths: less than in a portrait, because a
collar in a video moves with the body.
"""
_EYE_CORNERS = (33, 263)
_SMALLEST_REACH, _LARGEST_REACH = 1.3, 2.7


@dataclass(frozen=True, eq=False)
class FrameMouth:
    """One mouth in one frame.

    rig: in the frame's pixels; inner lips that are shut meet in it. own: how it is open.
    """

    rig: MouthRig
    own: OwnOpening


def frame_mouth(landmarks: np.ndarray) -> FrameMouth:
    """The mouth of a (478, 3) face mesh in pixels."""
    points = landmarks[:, :2].astype(np.float64)
    rig = mouth_rig(points)
    u = np.linspace(-0.4, 0.4, 9)
    upper, lower = (np.interp(u, c[:, 0], c[:, 1]) for c in (rig.inner_upper, rig.inner_lower))
    gap = max(float(np.median(lower - upper)), 0.0)
    counts = _ramp(gap, SHUT, PARTED)
    jaw = rig.frame.to_local(points[list(index.JAW_LINE)])[:, 0]
    sides = np.clip([-jaw.min(), jaw.max()], _SMALLEST_REACH, _LARGEST_REACH).tolist()
    own = OwnOpening(gap * counts / (1.0 + UPPER_LIFT), (sides[0], sides[1]), NECK)
    return FrameMouth(_nearer(rig, counts), own)


def half_width(landmarks: np.ndarray) -> float:
    """Half the mouth's width in distances between the outer corners of the eyes, both in space."""
    corners = landmarks[index.LIPS_OUTER_UPPER[-1]] - landmarks[index.LIPS_OUTER_UPPER[0]]
    return float(np.linalg.norm(corners)) / 2 / max(eye_span(landmarks), 1e-3)


def eye_span(landmarks: np.ndarray) -> float:
    """The distance between the outer corners of the eyes in space, in pixels: it does not change as the head
    turns.
    """
    right, left = _EYE_CORNERS
    return float(np.linalg.norm(landmarks[left] - landmarks[right]))


def _nearer(rig: MouthRig, share: float) -> MouthRig:
    """The rig with its inner lips nearer together: share 1 leaves them, 0 lets them meet."""
    middle = (rig.inner_upper + rig.inner_lower) / 2
    upper, lower = rig.inner_upper.copy(), rig.inner_lower.copy()
    for edge in (upper, lower):
        edge[:, 1] = middle[:, 1] + share * (edge[:, 1] - middle[:, 1])
    return replace(rig, inner_upper=upper, inner_lower=lower)


def _ramp(x: float, low: float, high: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)
