"""Cuts the face out of a portrait: an upright square around its landmarks, and the way back.

The rules are those of LivePortrait's src/utils/crop.py. A face axis runs from the middle of the eyes to the
mouth; the square is turned with it, is `scale` times as large as the longer extent of the points, and is
shifted along the face's own axes by fractions of its side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from engines.joyvasa.face.affine import inverse, sample_bilinear, transform_points
from engines.joyvasa.face.face_axis import face_axis

CROP_SIDE = 512
NETWORK_SIDE = 256
SHORTEST_AXIS = 1e-3
"""Pixels. A shorter face axis has no direction; the face then counts as upright."""


@dataclass(frozen=True)
class CropBox:
    """A square in an image: its centre and side in pixels, and the angle of its upper edge in radians,
    positive clockwise as seen on the screen.
    """

    x: float
    y: float
    side: float
    angle: float

    def corners(self, *, turned: bool = True) -> np.ndarray:
        """(4, 2) float32 corners: upper left, upper right, lower right, lower left."""
        unit = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * self.side
        angle = self.angle if turned else 0.0
        across = np.array([math.cos(angle), math.sin(angle)])
        down = np.array([-across[1], across[0]])
        return (unit @ np.stack([across, down]) + (self.x, self.y)).astype(np.float32)

    def to_crop(self, size: int, *, turned: bool = True) -> np.ndarray:
        """(3, 3) float32 matrix from image pixels to the pixels of a crop of size x size."""
        angle = self.angle if turned else 0.0
        factor = size / self.side
        cos, sin = factor * math.cos(angle), factor * math.sin(angle)
        middle = size / 2
        return np.array(
            [
                [cos, sin, middle - cos * self.x - sin * self.y],
                [-sin, cos, middle + sin * self.x - cos * self.y],
                [0, 0, 1],
            ],
            np.float32,
        )


@dataclass(frozen=True, eq=False)
class FaceCrop:
    """A face cut out of an image.

    image: (size, size, 3) uint8 RGB. to_crop, to_picture: (3, 3) float32, each the other's inverse.
    points: (n, 2) float32 landmarks in the crop.
    """

    image: np.ndarray
    to_crop: np.ndarray
    to_picture: np.ndarray
    points: np.ndarray
    box: CropBox

    @property
    def size(self) -> int:
        """Pixels along one side."""
        return int(self.image.shape[0])

    def for_network(self, side: int = NETWORK_SIDE) -> np.ndarray:
        """(side, side, 3) uint8: the crop reduced by area averaging, as the networks take it."""
        return resized(self.image, side)


def crop_box(
    points: np.ndarray,
    *,
    scale: float = 2.3,
    vx_ratio: float = 0.0,
    vy_ratio: float = -0.125,
    use_lip: bool = True,
) -> CropBox:
    """The square around a face.

    points: (n, 2) pixels, n one of 5, 9, 68, 101, 106, 150, 203 (see `face_axis`).
    scale: side of the square by the longer extent of the points along and across the face axis.
    vx_ratio, vy_ratio: shift to the face's right-hand side of the picture and downwards, in sides.
    use_lip: eyes and mouth make the axis; else it stands upright on the line between the eyes.
    Raises ValueError for another number of points, or for points without extent.
    """
    places = np.asarray(points, np.float64)[:, :2]
    start, end = face_axis(places, use_lip=use_lip)
    length = math.dist(start, end)
    down = (end - start) / length if length > SHORTEST_AXIS else np.array([0.0, 1.0])
    across = np.array([down[1], -down[0]])
    axes = np.stack([across, down])
    along = places @ axes.T
    low, high = along.min(axis=0), along.max(axis=0)
    side = float((high - low).max()) * scale
    if not side > 0:
        raise ValueError("All landmarks of the face lie on one point; there is no face to cut out.")
    x, y = ((low + high) / 2 + side * np.array([vx_ratio, vy_ratio])) @ axes
    return CropBox(float(x), float(y), side, math.atan2(across[1], across[0]))


def crop_face(
    image: np.ndarray,
    points: np.ndarray,
    *,
    size: int = CROP_SIDE,
    scale: float = 2.3,
    vx_ratio: float = 0.0,
    vy_ratio: float = -0.125,
    rotate: bool = True,
    use_lip: bool = True,
) -> FaceCrop:
    """Cut a face out of an (H, W, 3) uint8 RGB picture; black where the square leaves the picture.

    rotate: turn the crop so that the face stands upright. The other arguments are those of `crop_box`. The
    original accepts vx_ratio and ignores it; here it takes effect.
    """
    box = crop_box(points, scale=scale, vx_ratio=vx_ratio, vy_ratio=vy_ratio, use_lip=use_lip)
    return cut_out(image, box, points, size=size, rotate=rotate)


def cut_out(
    image: np.ndarray, box: CropBox, points: np.ndarray, *, size: int = CROP_SIDE, rotate: bool = True
) -> FaceCrop:
    """Cut a given square out of an (H, W, 3) uint8 RGB picture, as `crop_face`."""
    to_crop = box.to_crop(size, turned=rotate)
    to_picture = inverse(to_crop).astype(np.float32)
    pixels = sample_bilinear(image, inverse(to_crop), (size, size))
    return FaceCrop(pixels, to_crop, to_picture, transform_points(points, to_crop), box)


def whole_picture(image: np.ndarray, size: int = CROP_SIDE) -> FaceCrop:
    """The whole image, squeezed into a square, as with "do crop: off" in the original."""
    height, width = image.shape[:2]
    to_crop = np.diag([size / width, size / height, 1.0]).astype(np.float32)
    box = CropBox(width / 2, height / 2, float(max(width, height)), 0.0)
    empty = np.empty((0, 2), np.float32)
    return FaceCrop(resized(image, size), to_crop, inverse(to_crop).astype(np.float32), empty, box)


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """An (h, w, 3) uint8 picture as (side, side, 3), averaged over areas when it shrinks."""
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
