"""The mouth of one frame of a video, as its landmarks show it: its rig, how far it is open, and its rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engines.preview import landmarks as index
from engines.preview.dubbing.rest import RestMouth, U, eye_span
from engines.preview.dubbing.sides import sides_in, with_sides
from engines.preview.lips import OwnOpening
from engines.preview.rig import MouthRig, mouth_rig
from media.dubbing.values import TrackedFace

SHUT, PARTED = 0.02, 0.10
"""Gaps between the inner lips, in half mouth widths, up to which lips are shut, and from which the whole gap
counts: landmarks of shut lips are apart by noise.
"""
RESTORED = 0.35
"""The gap from which lips have their thickness and width of the rest; before, a part of it."""
CUT, CUT_PIXELS, MOST_CUT = 0.04, 1.0, 0.10
"""Half mouth widths, pixels in addition, and half mouth widths at most, that are cut off the rims of lips
that are open: the mesh leaves teeth on them, and a video stores colours at half its resolution, so that the
dark and the grey of the mouth reach into the lips.
"""
NECK = 1.0
"""How far below the chin the neck follows it, in half mouth widths: less than in a portrait, because a
collar in a video moves with the body.
"""
LOWEST, HIGHEST = 0.6, 0.05
"""Where between the lips the seam may be, in shares of the gap below the upper one."""
CORNER_SHARE = 0.3
"""Share of the gap by which closing takes the corners up at most, if the jaw took them down."""
LEAST_CHIN, MOST_CHIN = 0.2, 0.85
"""The same of the chin, at least and at most."""
FURTHEST_CHIN = 0.5
"""Half mouth widths: farther, the chin would get a tip."""
CHIN_GAIN = 1.4
"""The mesh follows a chin that drops about two thirds of the way: measured on chins whose drop is known."""
WIDER, NARROWER = 1.5, 0.75
"""Bounds of a mouth's rest width against that of a frame: rounded lips are narrow, a smile is wide."""
MOST_WIDENED = 1.3
NOISE = 0.004
"""Widths of a face by which the mesh swings about a landmark that stands still."""
_SMALLEST_REACH, _LARGEST_REACH = 1.3, 2.7


@dataclass(frozen=True, eq=False)
class FrameMouth:
    """One mouth in one frame.

    rig: in the frame's pixels; inner lips that are shut meet in it. own: how it is open. wide: its width at
    rest against its width here.
    """

    rig: MouthRig
    own: OwnOpening
    wide: float


def steady_landmarks(face: TrackedFace) -> np.ndarray:
    """(478, 3) float64 pixels: the smoothed landmarks, and those of the frame alone where they are farther
    away than noise: lips that part from one frame to the next do not wait for the smoothing.
    """
    smoothed = face.landmarks.astype(np.float64)
    if face.found is None:
        return smoothed
    away = face.found[:, :2] - smoothed[:, :2]
    far = np.linalg.norm(away, axis=1, keepdims=True)
    noise = NOISE * float(np.ptp(smoothed[:, 0]))
    smoothed[:, :2] += away * np.maximum(1.0 - noise / np.maximum(far, 1e-6), 0.0)
    return smoothed


def frame_mouth(landmarks: np.ndarray, rest: RestMouth, picture: np.ndarray | None = None) -> FrameMouth:
    """The mouth of a (478, 3) face mesh in pixels. picture: (H, W, 3) uint8 RGB, to see the sides of lips."""
    points = landmarks.astype(np.float64)
    rig = mouth_rig(points[:, :2])
    frame = rig.frame
    edges = [np.interp(U, c[:, 0], c[:, 1]) for c in (rig.inner_upper, rig.inner_lower)]
    gaps = np.maximum(edges[1] - edges[0], 0.0)
    gap = float(np.median(gaps[np.abs(U) < 0.45]))
    counts = _ramp(gap, SHUT, PARTED)
    share = _ramp(gap, SHUT, RESTORED)
    wide = float(np.clip(rest.half_width * eye_span(points) / frame.unit, NARROWER, WIDER))
    middle, chin, left, right = frame.to_local(rest.seen_in(points)).tolist()
    jaw = frame.to_local(points[list(index.JAW_LINE), :2])[:, 0]
    sides = np.clip([-jaw.min(), jaw.max()], _SMALLEST_REACH, _LARGEST_REACH).tolist()
    # The corners are at v = 0: what they have dropped from their rest, they rise again.
    rises = float(np.clip(-(left[1] + right[1]) / 2, 0.0, CORNER_SHARE * gap))
    own = OwnOpening(
        chin=counts * min(_bounded(CHIN_GAIN * (rig.chin_v - chin[1]), gap), FURTHEST_CHIN),
        seam=np.column_stack([U, _seam(rest.curve * wide - rises, middle[1], edges[0], gaps, rises)]),
        upper=np.column_stack([U, rest.upper * wide]),
        lower=np.column_stack([U, rest.lower * wide]),
        share=share,
        widen=1.0 + share * (float(np.clip(wide, 1.0, MOST_WIDENED)) - 1.0),
        reach=(sides[0], sides[1]),
        outer=with_sides(rig, share, sides_in(picture, rig) if picture is not None and share else None),
        neck=NECK,
    )
    return FrameMouth(_parted(rig, counts), own, wide)


def _bounded(chin: float, gap: float) -> float:
    return min(max(chin, LEAST_CHIN * gap), MOST_CHIN * gap)


def _seam(curve: np.ndarray, middle: float, upper: np.ndarray, gaps: np.ndarray, rises: float) -> np.ndarray:
    """Heights at U of the line on which the lips meet: the one at rest, bent so that it passes through its
    middle, as far as it is between the lips.
    """
    line = curve + (middle - curve[len(U) // 2]) * (1.0 - U**2)
    away = rises * U**2
    return np.clip(line, upper + HIGHEST * gaps - away, upper + LOWEST * gaps)


def _parted(rig: MouthRig, share: float) -> MouthRig:
    """The rig with its inner lips nearer together, or, if they are open, without their rims: share 0 lets
    them meet.
    """
    middle = (rig.inner_upper + rig.inner_lower) / 2
    upper, lower = rig.inner_upper.copy(), rig.inner_lower.copy()
    most = min(CUT + CUT_PIXELS / rig.frame.unit, MOST_CUT)
    for edge, sign in ((upper, -1.0), (lower, 1.0)):
        cut = sign * most * share * np.clip(1.0 - edge[:, 0] ** 2, 0.0, 1.0)
        edge[:, 1] = middle[:, 1] + share * (edge[:, 1] - middle[:, 1]) + cut
    return replace(rig, inner_upper=upper, inner_lower=lower)


def _ramp(x: float, low: float, high: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)
