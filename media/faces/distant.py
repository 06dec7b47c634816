"""Small faces in large photographs: looked for at full size, tile by tile."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from media.faces.face import Face, FaceDetector
from media.faces.views import starts

TILE = 640
"""Pixels of a tile's side."""
SEEN_FACE = 40
"""Pixels of a face's longer side from which on it is found in such a tile."""
SURE = 0.75
"""Least score, in its tile and again in what is cut out: coins and headlights score up to 0.7."""

ABOVE, BELOW, BESIDE = 1.0, 1.4, 1.2
"""What is cut out around the face's box, in its longer side: hair, shoulders, what is left and right."""


class CutOut(NamedTuple):
    """A part of a picture, in its pixels."""

    left: int
    top: int
    right: int
    bottom: int


def look_closely(detector: FaceDetector, image: np.ndarray) -> Face | None:
    """The largest sure face in an (H, W, 3) uint8 picture, in its pixels; None where there is none."""
    found: list[Face] = []
    height, width = image.shape[:2]
    for top in starts(height, TILE):
        for left in starts(width, TILE):
            # Tiles overlap by more than a small face, so it is whole in one of them without margins.
            tile = np.ascontiguousarray(image[top : top + TILE, left : left + TILE])
            faces = detector.detect(tile, SURE, depth="whole")
            found += [face.moved(left, top) for face in faces]
    return max(found, key=lambda face: face.area, default=None)


def around(face: Face, shape: tuple[int, ...]) -> CutOut:
    """Head and shoulders of a face, as far as an (H, W, ...) picture has them; its sides are even."""
    x0, y0, x1, y1 = face.box
    side = max(x1 - x0, y1 - y0)
    left, right = max(0, round(x0 - BESIDE * side)), min(shape[1], round(x1 + BESIDE * side))
    top, bottom = max(0, round(y0 - ABOVE * side)), min(shape[0], round(y1 + BELOW * side))
    return CutOut(left, top, right - (right - left) % 2, bottom - (bottom - top) % 2)
