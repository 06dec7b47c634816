"""A detected face: its place and 478 points on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from media.faces.views import Depth


@dataclass(frozen=True, eq=False)
class Face:
    """One face in one image, in that image's pixels.

    landmarks: (478, 3) float32, MediaPipe's face mesh with irises; x right, y down, z towards the back of the
    head in the same unit (pixels), zero near the head's centre.
    box: (x0, y0, x1, y1) floats around the landmarks.
    score: the detector's confidence, 0..1. Measured for people, paintings and statues: 0.89-0.97; for
    animals: 0.54-0.81.
    """

    landmarks: np.ndarray
    box: tuple[float, float, float, float]
    score: float

    @property
    def area(self) -> float:
        """Area of the box in square pixels; faces are ordered by it, largest first."""
        x0, y0, x1, y1 = self.box
        return max(0.0, x1 - x0) * max(0.0, y1 - y0)

    def scaled(self, factor: float) -> Face:
        """The same face in an image resized by `factor`."""
        x0, y0, x1, y1 = (v * factor for v in self.box)
        return Face((self.landmarks * factor).astype(np.float32), (x0, y0, x1, y1), self.score)

    def moved(self, x: float, y: float) -> Face:
        """The same face in an image that begins `x` pixels further left and `y` further up."""
        x0, y0, x1, y1 = self.box
        points = (self.landmarks + np.array([x, y, 0], np.float32)).astype(np.float32)
        return Face(points, (x0 + x, y0 + y, x1 + x, y1 + y), self.score)


class FaceDetector(Protocol):
    """The interface of every face backend."""

    def detect(self, image: np.ndarray, min_score: float = 0.5, *, depth: Depth = "tiles") -> list[Face]:
        """Find faces in an (H, W, 3) uint8 RGB image, largest first; empty if there are none.

        depth: how thoroughly the image is searched, see `media.faces.views.Depth`.
        """
        ...
