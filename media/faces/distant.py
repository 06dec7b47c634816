"""Finds small faces in large photographs by searching at full size, tile by tile."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from media.faces.face import Face, FaceDetector
from media.faces.views import starts

TILE = 640
"""Pixels of a tile's side."""
MAYBE = 0.3
"""Lowest score in a tile. The score of a small face depends on its position in the tile: the same face of 58
pixels scored 0.69-0.83 on a plain background.
"""
SURE = 0.8
"""Lowest score when such a place is examined alone: faces of 48 pixels and more scored 0.85-0.97,
motorcycles, coins and cells up to 0.74.
"""
ALONE = 1.4
"""The region examined alone: sides of the face's box on each side of its centre."""
SEEN_FACE = 80
"""Pixels of a face's longer side from which it is always found: in all of 50 places."""
MOST_LOOKS = 16
"""Largest number of places examined alone, highest score first; each takes 7 ms."""

ABOVE, BELOW, BESIDE = 1.0, 1.4, 1.2
"""The crop around the face's box, in its longer side: hair, shoulders, left and right."""


class CutOut(NamedTuple):
    """A crop of an image, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


def look_closely(detector: FaceDetector, image: np.ndarray) -> Face | None:
    """The largest certain face in an (H, W, 3) uint8 image, in its pixels; None if there is none."""
    height, width = image.shape[:2]
    places: list[Face] = []
    for top in starts(height, TILE):
        for left in starts(width, TILE):
            # Tiles overlap by more than a small face, so that one of them contains it completely.
            tile = np.ascontiguousarray(image[top : top + TILE, left : left + TILE])
            faces = detector.detect(tile, MAYBE, depth="whole")
            places += [face.moved(left, top) for face in faces]
    places.sort(key=lambda face: -face.score)
    found = [face for place in places[:MOST_LOOKS] for face in _alone(detector, image, place)]
    return max(found, key=lambda face: face.area, default=None)


def _alone(detector: FaceDetector, image: np.ndarray, place: Face) -> list[Face]:
    """The certain faces in a region, in the image's pixels."""
    x0, y0, x1, y1 = place.box
    reach = ALONE * max(x1 - x0, y1 - y0)
    left, top = max(0, round((x0 + x1) / 2 - reach)), max(0, round((y0 + y1) / 2 - reach))
    part = image[top : round((y0 + y1) / 2 + reach), left : round((x0 + x1) / 2 + reach)]
    faces = detector.detect(np.ascontiguousarray(part), SURE, depth="whole")
    return [face.moved(left, top) for face in faces]


def around(face: Face, shape: tuple[int, ...]) -> CutOut:
    """Head and shoulders of a face, clipped to an (H, W, ...) image; its sides are even."""
    x0, y0, x1, y1 = face.box
    side = max(x1 - x0, y1 - y0)
    left, right = max(0, round(x0 - BESIDE * side)), min(shape[1], round(x1 + BESIDE * side))
    top, bottom = max(0, round(y0 - ABOVE * side)), min(shape[0], round(y1 + BELOW * side))
    return CutOut(left, top, right - (right - left) % 2, bottom - (bottom - top) % 2)
