"""Boxes around the landmarks of face and lips, and the networks' masks.

The numbers are those of Hallo's hallo/datasets/image_processor.py and hallo/utils/util.py. All masks stay
the same during a clip. Boxes are half-open pixel bounds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

FACE_OUTLINE = [
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
]
LIPS = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 146, 91, 181, 84, 17, 314, 405, 321, 375]
"""Indices of MediaPipe's mesh."""
FACE_RATIO, LIP_RATIO = 1.2, 2.0
"""Factors by which the boxes exceed the landmarks in generation; training uses 1."""
BLURRED_SIDE = 64
FACE_KERNEL, LIP_KERNEL = 51, 31
"""Kernel sizes of the Gaussian, in pixels of the blurred masks."""
LEVELS = 4
"""Depths of the UNet that attend to the voice; each halves the side."""


class Box(NamedTuple):
    """Columns x0 to x1 and rows y0 to y1, excluding x1 and y1."""

    x0: int
    y0: int
    x1: int
    y1: int

    def rectangle(self, size: tuple[int, int]) -> np.ndarray:
        """(height, width) uint8: 255 inside, 0 outside."""
        mask = np.zeros(size, np.uint8)
        mask[self.y0 : self.y1, self.x0 : self.x1] = 255
        return mask


@dataclass(frozen=True)
class FaceBoxes:
    """The boxes of face and lips in an image of `size` (height, width)."""

    face: Box
    lips: Box
    size: tuple[int, int]


@dataclass(frozen=True, eq=False)
class SoftMasks:
    """(64, 64) uint8 each, soft at their borders.

    full: high outside the face. face: high in it except for the mouth. lips: the mouth.
    whole_face: the face with the mouth; training inverts it.
    """

    full: np.ndarray
    face: np.ndarray
    lips: np.ndarray
    whole_face: np.ndarray


@dataclass(frozen=True, eq=False)
class AttentionMasks:
    """The weights of the three branches of the audio attention.

    full, face, lips: for each of the four levels of the UNet a (1, n) float32 row of 0..1 over the n latent
    pixels of that level, row after row of the image.
    """

    full: tuple[np.ndarray, ...]
    face: tuple[np.ndarray, ...]
    lips: tuple[np.ndarray, ...]


def box_around(points: np.ndarray, size: tuple[int, int], ratio: float = 1.0) -> Box:
    """The box of (n, 2) points in pixels, `ratio` times as large, moved into an image of (height, width).

    A side that is longer than the image's becomes the image's. (The original moves such a box out on the
    other side, and its mask becomes a strip.)
    """
    low, high = np.rint(points[:, :2].min(axis=0)), np.rint(points[:, :2].max(axis=0))
    spans = [_span(int(low[axis]), int(high[axis]), size[1 - axis], ratio) for axis in range(2)]
    (x0, x1), (y0, y1) = spans
    return Box(x0, y0, x1, y1)


def _span(low: int, high: int, length: int, ratio: float) -> tuple[int, int]:
    """Both ends of one side of a box."""
    middle, half = (low + high) // 2, math.floor((high - low) * ratio) // 2
    start, end = middle - half, middle + half
    if start < 0:
        start, end = 0, end - start
    if end > length:
        start, end = start - (end - length), length
    return max(start, 0), end


@dataclass(frozen=True, eq=False)
class FacePoints:
    """Points around a face and around its lips, (n, 2) each, in pixels."""

    outline: np.ndarray
    lips: np.ndarray

    @classmethod
    def from_mesh(cls, landmarks: np.ndarray) -> FacePoints:
        """From MediaPipe's (478, 2 or 3) landmarks."""
        return cls(landmarks[FACE_OUTLINE, :2], landmarks[LIPS, :2])

    def moved(self, x: float, y: float) -> FacePoints:
        """The same points in an image whose corner is at x, y of this one."""
        return FacePoints(self.outline - (x, y), self.lips - (x, y))

    def boxes(
        self, size: tuple[int, int], face_ratio: float = FACE_RATIO, lip_ratio: float = LIP_RATIO
    ) -> FaceBoxes:
        """The boxes of both in an image of (height, width), enlarged by the ratios."""
        return FaceBoxes(
            box_around(self.outline, size, face_ratio), box_around(self.lips, size, lip_ratio), size
        )


def joined(boxes: Sequence[Box]) -> Box:
    """The smallest box around all boxes, such as a face's over a video."""
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return Box(int(low[0]), int(low[1]), int(high[2]), int(high[3]))


def region_mask(boxes: FaceBoxes, side: int = 512) -> np.ndarray:
    """What the face locator sees: (3, side, side) float32 in 0..1, 1 in the face's box."""
    drawn = Image.fromarray(boxes.face.rectangle(boxes.size)).resize((side, side), Image.Resampling.BILINEAR)
    return np.repeat(np.asarray(drawn, np.float32)[None] / 255, 3, axis=0)


def soft_masks(boxes: FaceBoxes) -> SoftMasks:
    """The blurred masks of face and lips, and of the rest."""
    blurred = _blurred(boxes.face.rectangle(boxes.size), FACE_KERNEL)
    lips = _blurred(boxes.lips.rectangle(boxes.size), LIP_KERNEL)
    # in floats and truncated, so that some values are one lower than 255 - blurred: as in training
    full = ((1 - blurred / 255) * 255).astype(np.uint8)
    return SoftMasks(full, cv2.subtract(blurred, lips), lips, blurred)


def _blurred(rectangle: np.ndarray, kernel: int) -> np.ndarray:
    small = cv2.resize(rectangle, (BLURRED_SIDE, BLURRED_SIDE), interpolation=cv2.INTER_LINEAR)
    blurred = cv2.GaussianBlur(small, (kernel, kernel), 0)
    if blurred.min() == blurred.max():
        return blurred  # a box as large as the image; stretching its single value would make it 0
    return cv2.normalize(blurred, np.empty_like(blurred), 0, 255, cv2.NORM_MINMAX)


def attention_masks(masks: SoftMasks, latent_side: int = 64) -> AttentionMasks:
    """The masks at the UNet's levels; latent_side: of the first one, picture pixels divided by 8."""
    return AttentionMasks(*(_levels(mask, latent_side) for mask in (masks.full, masks.face, masks.lips)))


def _levels(mask: np.ndarray, latent_side: int) -> tuple[np.ndarray, ...]:
    sides = [latent_side >> level for level in range(LEVELS)]
    if not sides[-1]:
        raise ValueError(f"A latent side of {latent_side} is too small for {LEVELS} levels.")
    picture = Image.fromarray(mask)
    return tuple(
        np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR), np.float32).reshape(1, -1) / 255
        for side in sides
    )
