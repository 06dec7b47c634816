"""What the parts of a dub hand to each other: source frames, tracked faces and painted patches."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True, eq=False)
class SourceFrame:
    """One frame of a source video, upright.

    number: its place in the order in which frames are shown, from 0. time: seconds after the first frame,
    exactly as the file says. picture: (H, W, 3) uint8 RGB; of an HDR video the stored values, no tone
    mapping.
    """

    number: int
    time: Fraction
    picture: np.ndarray


@dataclass(frozen=True, eq=False)
class TrackedFace:
    """A face in one frame of a video, as one of the tracks through it.

    track: the same number in every frame of one face between two cuts. landmarks: (478, 3) float32 as in
    `media.faces.Face`, in pixels of the frame, smoothed along the track. strength: 0..1, how much of a new
    mouth this frame may show; below 1 only while the dub fades in or out. found: the landmarks as they were
    found in this frame alone: noisier, but exact where lips move fast; None in a frame between two in which
    the face was found.
    """

    track: int
    landmarks: np.ndarray
    strength: float
    found: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class PaintedPatch:
    """What an engine painted over one frame.

    x, y: the left upper corner in the frame's pixels. pixels: (h, w, 3) uint8 RGB. alpha: (h, w) float32,
    0..1: 0 leaves the frame as it is, bit for bit.
    """

    x: int
    y: int
    pixels: np.ndarray
    alpha: np.ndarray
