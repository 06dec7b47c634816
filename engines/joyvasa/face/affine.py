"""Affine maps of points and images, in numpy.

OpenCV 4 rounds the weights of its bilinear warp to 1/32, which shows as errors of several grey levels on fine
detail. Here the weights are floats, so the result equals the original's to the last grey level.
"""

from __future__ import annotations

import numpy as np


def transform_points(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Map (n, 2) points through a (2 or 3, 3) matrix; returns float32."""
    places = np.asarray(points, np.float32)[:, :2]
    return places @ matrix[:2, :2].T.astype(np.float32) + matrix[:2, 2].astype(np.float32)


def inverse(matrix: np.ndarray) -> np.ndarray:
    """(3, 3) float64 inverse, whatever the precision of the matrix."""
    return np.linalg.inv(np.asarray(matrix, np.float64))


def pixel_places(to_source: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The position in the source of each pixel of a (height, width) result: x and y, (height, width) float64.

    to_source: (2 or 3, 3) matrix from pixels of the result to pixels of the source.
    """
    matrix = np.asarray(to_source, np.float64)
    rows, columns = np.arange(size[0])[:, None], np.arange(size[1])[None, :]
    x, y = (m[0] * columns + (m[1] * rows + m[2]) for m in matrix[:2])
    return x, y


def sample_bilinear(image: np.ndarray, to_source: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Sample an image through an affine map.

    image: (h, w, c) or (h, w), uint8 or float. to_source, size: as in `pixel_places`. Outside of `image`
    everything is 0, and its border fades to 0 within one pixel. uint8 comes back rounded as uint8,
    anything else as float32.
    """
    taps = BilinearTaps(*pixel_places(to_source, size), image.shape[:2])
    drawn = taps.draw(image.reshape(*image.shape[:2], -1)).reshape(*size, *image.shape[2:])
    return np.rint(drawn).astype(np.uint8) if image.dtype == np.uint8 else drawn


class BilinearTaps:
    """The four neighbours of many positions and their weights, kept to sample many images."""

    def __init__(self, x: np.ndarray, y: np.ndarray, source: tuple[int, ...]) -> None:
        """x, y: n positions in pixels, in any shape. source: (height, width) of the images to be sampled."""
        height, width = source[:2]
        # Positions outside of the image do not matter, but they must fit an index.
        x, y = np.clip(x, -2, width + 1).ravel(), np.clip(y, -2, height + 1).ravel()
        left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
        inside = (left >= -1) & (left < width) & (top >= -1) & (top < height)
        fx, fy = ((v - whole) * inside for v, whole in ((x, left), (y, top)))
        self._fx, self._fy = fx.astype(np.float32)[:, None], fy.astype(np.float32)[:, None]
        # A black border of one pixel makes every neighbour a plain look-up.
        stride = width + 2
        self._first = np.where(inside, (top + 1) * stride + left + 1, 0)
        self._steps = (0, 1, stride, stride + 1)

    def draw(self, image: np.ndarray) -> np.ndarray:
        """(h, w, c) -> (n, c) float32."""
        padded = np.pad(image, ((1, 1), (1, 1), (0, 0))).reshape(-1, image.shape[-1])
        a, b, c, d = (padded[self._first + step].astype(np.float32) for step in self._steps)
        upper = a + self._fx * (b - a)
        lower = c + self._fx * (d - c)
        return upper + self._fy * (lower - upper)
