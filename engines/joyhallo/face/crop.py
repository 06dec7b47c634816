"""The square of a portrait that is painted, and the way back into the portrait.

The original squeezes the whole image into a square. Its README asks for a square image in which the face
takes 50 to 70 %, so this module cuts one out if the portrait is not like that. The face here is the head with
its hair: in the original's own sample, the outline from forehead to chin takes 40 %, the head 52 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from PIL import Image

LEAST_SHARE, FACE_SHARE, MOST_SHARE = 0.5, 0.6, 0.7
HEAD = 1.3
"""Length of a head with its hair, as a multiple of the outline from forehead to chin."""
FULLEST_OUTLINE = 0.9
"""If the outline would fill more of a square than this, the square reaches beyond the image."""
FADE = 0.1
"""Width over which a painted square fades into the portrait, as a fraction of its side."""


@dataclass(frozen=True)
class Square:
    """Part of an image.

    x, y: its upper left corner; width, height: whole pixels. It may reach beyond the image. It is a square
    unless the whole image is squeezed into one.
    """

    x: int
    y: int
    width: int
    height: int

    def cut(self, image: np.ndarray, side: int) -> np.ndarray:
        """(H, W, 3) uint8 -> (side, side, 3) uint8, the image's border repeated outside of it.

        Scaled by Pillow's bilinear filter, as in the original.
        """
        height, width = image.shape[:2]
        beyond = (
            max(0, -self.y),
            max(0, self.y + self.height - height),
            max(0, -self.x),
            max(0, self.x + self.width - width),
        )
        if any(beyond):
            image = cv2.copyMakeBorder(image, *beyond, cv2.BORDER_REPLICATE)
        x, y = self.x + beyond[2], self.y + beyond[0]
        part = Image.fromarray(image[y : y + self.height, x : x + self.width])
        return np.asarray(part.resize((side, side), Image.Resampling.BILINEAR))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width


def whole(size: tuple[int, int]) -> Square:
    """The whole of an image of (height, width)."""
    return Square(0, 0, size[1], size[0])


def largest_square(size: tuple[int, int]) -> Square:
    """The largest square in the middle of an image of (height, width)."""
    side = min(size)
    return Square((size[1] - side) // 2, (size[0] - side) // 2, side, side)


def head_length(outline: np.ndarray) -> float:
    """The approximate length of a head with its hair in pixels, from (n, 2) points around its face."""
    return HEAD * float(np.ptp(outline, axis=0).max())


def square_around(outline: np.ndarray, size: tuple[int, int], share: float = FACE_SHARE) -> Square:
    """The square with the face in its middle in which the head takes `share` of the side.

    outline: (n, 2) points around the face, in an image of (height, width). If the head takes 50 to 70 % of
    the largest square in the image, that square is used. The square is moved into the image. It reaches
    beyond the image only if the outline of the face would fill more than 90 % of the largest one.
    """
    x, y = (float(v) for v in (outline.min(axis=0) + outline.max(axis=0)) / 2)
    length, largest = head_length(outline), min(size)
    if LEAST_SHARE <= length / largest <= MOST_SHARE:
        side = largest
    else:
        side = min(max(8, round(length / share)), largest)
    side = max(side, math.ceil(length / HEAD / FULLEST_OUTLINE))
    return Square(_start(x, side, size[1]), _start(y, side, size[0]), side, side)


def _start(middle: float, side: int, length: int) -> int:
    """The start of a side around a middle that overlaps the image as much as possible."""
    free = length - side
    return int(np.clip(round(middle - side / 2), min(0, free), max(0, free)))


@dataclass(frozen=True, eq=False)
class SquarePasteBack:
    """Puts painted squares back into the portrait that they were cut from.

    image: (H, W, 3) uint8 RGB, the portrait. square: where the painted squares belong. A square fades out
    towards the rest of the portrait, not towards the portrait's own border. Pixels outside of it equal the
    portrait's, bit for bit.
    """

    image: np.ndarray
    square: Square

    @cached_property
    def _place(self) -> tuple[slice, slice]:
        height, width = self.image.shape[:2]
        square = self.square
        return (
            slice(max(0, square.y), min(height, square.y + square.height)),
            slice(max(0, square.x), min(width, square.x + square.width)),
        )

    @cached_property
    def _weights(self) -> np.ndarray:
        """(h, w, 1) float32, 0..1: the weight of the painted square at its place in the portrait."""
        height, width = self.image.shape[:2]
        rows, columns = self._place
        square = self.square
        down = _weights(rows, square.y, square.height, height)
        across = _weights(columns, square.x, square.width, width)
        return (down[:, None] * across)[..., None]

    def __call__(self, squares: np.ndarray) -> np.ndarray:
        """(n, side, side, 3) uint8 RGB painted squares -> (n, H, W, 3) uint8 RGB portraits."""
        frames = np.repeat(self.image[None], len(squares), axis=0)
        rows, columns = self._place
        under = self.image[rows, columns].astype(np.float32)
        x, y = self.square.x, self.square.y
        for frame, painted in zip(frames, squares, strict=True):
            scaled = self._scaled(painted)
            shown = scaled[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
            mixed = under + self._weights * (shown - under)
            frame[rows, columns] = np.rint(mixed).astype(np.uint8)
        return frames

    def _scaled(self, painted: np.ndarray) -> np.ndarray:
        size = self.square.width, self.square.height
        if painted.shape[1::-1] == size:
            return painted
        smaller = min(size) < painted.shape[0]
        return cv2.resize(painted, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def _weights(place: slice, start: int, side: int, length: int) -> np.ndarray:
    """The weights of the rows or columns `place` of an image, for a square that begins at `start`."""
    inside = np.arange(place.start, place.stop) - start + 0.5
    fade = FADE * side
    weights = np.ones(len(inside))
    if start > 0:
        weights *= np.clip(inside / fade, 0, 1)
    if start + side < length:
        weights *= np.clip((side - inside) / fade, 0, 1)
    return (weights * weights * (3 - 2 * weights)).astype(np.float32)
