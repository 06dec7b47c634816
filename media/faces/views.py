"""The views of an image for a face detector: whole, in tiles, with a margin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

DETECTOR_SIDE = 512
"""Views are reduced to this longest side: the networks work at 128 or 192 pixels, and sampling them directly
from a large image aliases.
"""

Depth = Literal["whole", "margins", "tiles"]
"""How thoroughly an image is searched: as it is; also with the margins that a face needs if it fills the
image; also in tiles, for small faces.
"""


@dataclass(frozen=True)
class View:
    """A rectangle of the image, in its pixels; outside the image, the border pixels are repeated."""

    x: int
    y: int
    width: int
    height: int
    tile: bool = False

    def cut(self, image: np.ndarray) -> np.ndarray:
        """The (h, w, 3) uint8 pixels under the view, longest side at most DETECTOR_SIDE."""
        pixels = _cut(image, self.x, self.y, self.width, self.height)
        longest = max(self.width, self.height)
        if longest > DETECTOR_SIDE:
            size = (self.width * DETECTOR_SIDE // longest, self.height * DETECTOR_SIDE // longest)
            pixels = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BOX))
        return np.ascontiguousarray(pixels)

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """From fractions of the view to pixels of the image."""
        return self.x + x * self.width, self.y + y * self.height


def views_of(width: int, height: int, depth: Depth = "tiles") -> Iterator[list[View]]:
    """Levels of views, the cheapest first: the whole, with margins, and two sizes of tiles."""
    yield [View(0, 0, width, height)]
    if depth == "whole":
        return
    margins = [(width * k // 100, height * k // 100) for k in (25, 60)]
    yield [View(-mx, -my, width + 2 * mx, height + 2 * my) for mx, my in margins]
    for parts in (2, 4) if depth == "tiles" else ():
        side = max(64, round(max(width, height) / parts * 1.25))
        yield [
            View(x, y, min(side, width), min(side, height), tile=True)
            for y in starts(height, side)
            for x in starts(width, side)
        ]


def crop_square(image: np.ndarray, centre: tuple[float, float], side: float) -> tuple[np.ndarray, int, int]:
    """A square around a point, with border pixels repeated outside the image: (pixels, left, top)."""
    whole = max(16, round(side))
    x0, y0 = round(centre[0] - whole / 2), round(centre[1] - whole / 2)
    return np.ascontiguousarray(_cut(image, x0, y0, whole, whole)), x0, y0


def _cut(image: np.ndarray, x: int, y: int, width: int, height: int) -> np.ndarray:
    if x >= 0 and y >= 0 and x + width <= image.shape[1] and y + height <= image.shape[0]:
        return image[y : y + height, x : x + width]
    top, bottom = max(0, -y), max(0, y + height - image.shape[0])
    left, right = max(0, -x), max(0, x + width - image.shape[1])
    if top + bottom >= height or left + right >= width:  # nothing of the image lies inside
        rows = np.clip(np.arange(y, y + height), 0, image.shape[0] - 1)
        columns = np.clip(np.arange(x, x + width), 0, image.shape[1] - 1)
        return image[rows[:, None], columns]
    inside = image[y + top : y + height - bottom, x + left : x + width - right]
    return np.pad(inside, ((top, bottom), (left, right), (0, 0)), mode="edge")


def starts(length: int, side: int) -> list[int]:
    """Where tiles begin so that they cover a length with a third of overlap."""
    if side >= length:
        return [0]
    count = max(2, -(-(length - side) // max(1, round(side * 0.66))) + 1)
    return [round(i * (length - side) / (count - 1)) for i in range(count)]
