"""What an engine receives and gives back when it paints new lips into a video."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from media.dubbing.values import TrackedFace

READ_AHEAD = 32
"""Shots that an engine may read before it gives the patches of the first of them."""


@dataclass(frozen=True, eq=False)
class Shot:
    """One frame of the new video, before its mouths are painted.

    picture: (H, W, 3) uint8 RGB; no engine writes into it. faces: those that the new voice moves, and none
    in a frame that passes through. time: seconds in the voice at which the frame shows; it never decreases,
    and lies before 0 or after the voice's end where the voice is silent. duration: seconds until the next
    frame, above 0.
    """

    picture: np.ndarray
    faces: tuple[TrackedFace, ...]
    time: float
    duration: float


@dataclass(frozen=True, eq=False)
class TrackReference:
    """What one track shows best, in its whole length.

    picture: (h, w, 3) uint8 RGB, a frame or the part of it around the face: the one that shows the inside of
    the mouth best, or any clear one of a mouth that stays shut. landmarks: (478, 3) float32 in its pixels.
    calm: (478, 3) float32, the landmarks of the frame whose lips are nearest together and whose head is
    nearest to the front, in pixels of that frame.
    """

    picture: np.ndarray
    landmarks: np.ndarray
    calm: np.ndarray


@dataclass(frozen=True, eq=False)
class Shots:
    """A video to be dubbed, as an engine sees it.

    frames: every frame of the new video, in order; it can be read once. reference: of a track, by its number.
    An engine asks for it when the track begins and forgets it with the track, because a long video has
    hundreds of them.
    """

    frames: Iterable[Shot]
    reference: Callable[[int], TrackReference]
