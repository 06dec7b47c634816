"""Two faces of one portrait that move separately: which they are, and how their frames become one."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from media.errors import PortraitError
from media.faces import Face
from media.partial_frames import PartialFrames, surrounding
from media.portrait import Portrait

MOST_OVERLAP = 0.1
"""Fraction of the smaller face's box that the other may cover."""
SOFT = 0.12
"""Width of the blend between the two, as a fraction of the distance between their centres."""


def two_faces(
    portrait: Portrait, second: int | None, *, from_left: bool = False
) -> tuple[Portrait, Portrait]:
    """The portrait with its first face chosen, and with its second.

    The first is the chosen one. second: its number; None takes the largest other face. from_left: without a
    number, the two go from left to right. Raises PortraitError for fewer than two faces, a face that does not
    exist or is the first one, and faces that overlap.
    """
    count = len(portrait.faces)
    if count < 2:
        raise PortraitError(
            "Two voices need two faces, and the portrait has {count}. Use a picture of two people, or leave "
            "out the second voice.",
            count=count,
        )
    first = portrait.face_index
    if second is None:
        other = next(number for number in range(count) if number != first)
        if from_left and _centre(portrait.faces[other])[0] < _centre(portrait.faces[first])[0]:
            first, other = other, first
    else:
        other = second
    if not 0 <= other < count:
        raise PortraitError(
            "There is no face number {number}: {count} found, numbered from 0 (the largest) to {last}.",
            number=other,
            count=count,
            last=count - 1,
        )
    if other == first:
        raise PortraitError(
            "Both voices have face number {number}. Choose another face for one of them.", number=first
        )
    overlap = overlap_of(portrait.faces[first], portrait.faces[other])
    if overlap > MOST_OVERLAP:
        raise PortraitError(
            "The faces {first} and {second} overlap by {overlap:.0%} of the smaller one; at most {most:.0%} "
            "can move separately. Use a picture in which they are apart.",
            first=first,
            second=other,
            overlap=overlap,
            most=MOST_OVERLAP,
        )
    return replace(portrait, face_index=first), replace(portrait, face_index=other)


def overlap_of(one: Face, other: Face) -> float:
    """The fraction of the smaller face's box that the other one covers."""
    (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = one.box, other.box
    width, height = min(ax1, bx1) - max(ax0, bx0), min(ay1, by1) - max(ay0, by0)
    return max(0.0, width) * max(0.0, height) / max(1e-6, min(one.area, other.area))


class FaceDivide:
    """Joins frames in which the first face moves with frames in which the second does.

    The line between the faces divides the picture where their distances have the ratio of their sizes, with a
    soft edge. Far from it, pixels are those of one frame, bit for bit.
    """

    def __init__(self, first: Portrait, second: Portrait) -> None:
        assert first.face is not None
        assert second.face is not None
        a, b = np.array(_centre(first.face)), np.array(_centre(second.face))
        along = b - a
        distance = float(np.linalg.norm(along))
        along = along / max(distance, 1e-6)
        sizes = np.sqrt([first.face.area, second.face.area])
        where = distance * sizes[0] / max(float(sizes.sum()), 1e-6)
        y, x = np.mgrid[: first.height, : first.width].astype(np.float32)
        past = (x - a[0]) * along[0] + (y - a[1]) * along[1] - where
        ramp = np.clip(past / max(2.0, SOFT * distance) + 0.5, 0.0, 1.0)
        self._second = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
        self._first = 1 - self._second

    def joined(
        self, first: np.ndarray | PartialFrames, second: np.ndarray | PartialFrames
    ) -> np.ndarray | PartialFrames:
        """(n, H, W, 3) uint8 of two batches of the same length; those of one still picture stay partial."""
        if not (
            isinstance(first, PartialFrames)
            and isinstance(second, PartialFrames)
            and first.still is second.still
        ):
            out = np.empty(first.shape, np.uint8)
            for one, other, frame in zip(first, second, out, strict=True):
                cv2.blendLinear(one, other, self._first, self._second, dst=frame)
            return out
        x0, y0, x1, y1 = box = surrounding(first.box, second.box)
        weights = self._first[y0:y1, x0:x1], self._second[y0:y1, x0:x1]
        one, other = (np.empty((y1 - y0, x1 - x0, 3), np.uint8) for _ in range(2))
        parts = np.empty((len(first), *one.shape), np.uint8)
        for number, part in enumerate(parts):
            first.cut(number, box, one)
            second.cut(number, box, other)
            cv2.blendLinear(one, other, *weights, dst=part)
        return PartialFrames(first.still, x0, y0, parts)


def _centre(face: Face) -> tuple[float, float]:
    x0, y0, x1, y1 = face.box
    return (x0 + x1) / 2, (y0 + y1) / 2
