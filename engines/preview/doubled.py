"""The part of a portrait that moves, at twice its resolution, for looking up pixels between pixels."""

from __future__ import annotations

import cv2
import numpy as np

SAMPLES = 2
"""Samples per pixel, along each side. Points of the picture are counted in them."""


class DoubledPicture:
    """A rectangle of a picture with a sample between each two pixels.

    Every second sample is a pixel of the picture itself, those between are interpolated once by Lanczos.
    Looking this up linearly costs a quarter of a cubic lookup, is about as sharp, and gives a pixel that does
    not move back exactly.
    """

    def __init__(self, image: np.ndarray, region: tuple[int, int, int, int], margin: int) -> None:
        """image: (H, W, 3) uint8. region: (x0, y0, x1, y1) pixels. margin: pixels around it to know, too."""
        height, width = image.shape[:2]
        x0, y0 = max(region[0] - margin, 0), max(region[1] - margin, 0)
        x1, y1 = min(region[2] + margin, width), min(region[3] + margin, height)
        xs = np.arange(SAMPLES * (x1 - x0) - 1, dtype=np.float32) / SAMPLES + x0
        ys = np.arange(SAMPLES * (y1 - y0) - 1, dtype=np.float32) / SAMPLES + y0
        grid_x, grid_y = np.meshgrid(xs, ys)
        self._image = cv2.remap(image, grid_x, grid_y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        self.origin = (x0, y0)
        """The pixel of the picture at which the samples begin."""

    def points(self, box: tuple[int, int, int, int]) -> np.ndarray:
        """(h, w, 2) float32: where the pixels of a rectangle are, in samples."""
        x0, y0 = self.origin
        xs = SAMPLES * np.arange(box[0] - x0, box[2] - x0, dtype=np.float32)
        ys = SAMPLES * np.arange(box[1] - y0, box[3] - y0, dtype=np.float32)
        return np.stack(np.meshgrid(xs, ys), axis=-1)

    def look_up(self, points: np.ndarray) -> np.ndarray:
        """Colours (h, w, 3) uint8 at (h, w, 2) float32 points, in samples."""
        return cv2.remap(self._image, points, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def to_pixels_from(self, origin: tuple[int, int]) -> np.ndarray:
        """From samples to pixels counted from another pixel of the picture, as a (2, 3) matrix."""
        across, down = (own - other for own, other in zip(self.origin, origin, strict=True))
        return np.array([[1 / SAMPLES, 0.0, across], [0.0, 1 / SAMPLES, down]])
