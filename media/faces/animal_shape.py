"""Fits three points to an animal's face: a cascade of linear steps, and a score of how well they fit.

Each step looks at the pixels around the present points and moves them towards the eyes and the mouth (Xiong
and De la Torre 2013, Supervised Descent Method). `scripts/fit_animal_points.py` computes the steps and the
score from pictures with marked points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("animal_points.safetensors")
SHAPE = np.array([[-0.5, -0.35], [0.5, -0.35], [0.0, 0.62]])
"""Left eye, right eye and mouth of a usual face, in distances between the eyes from its middle."""
SIDE = 64
"""Pixels of the side of the patch around a face."""
REACH = 1.5
"""Half of the patch's side, in distances between the eyes."""
BLOCK, CELL, BINS = 16, 8, 9
"""Of the gradients' histograms (Dalal and Triggs 2005, HOG), as OpenCV names them."""
COARSE = 16
"""Side of the patch whose brightness is a feature as well: eyes and noses are dark."""
FEATURES = 7 * 7 * 4 * BINS + COARSE * COARSE
LEAST_EYES = 4.0
"""Pixels between the eyes below which points are dropped."""
LEAST_LEVEL = 48


class Pyramid:
    """An (H, W, 3) uint8 RGB image as brightness at several sizes, so that patches are sampled without
    aliasing.
    """

    def __init__(self, image: np.ndarray) -> None:
        import cv2

        self.levels = [cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)]
        while min(self.levels[-1].shape) > LEAST_LEVEL:
            self.levels.append(cv2.pyrDown(self.levels[-1]))

    def patch(self, to_patch: np.ndarray) -> np.ndarray:
        """(SIDE, SIDE) uint8 brightness. to_patch: (2, 3) transform from the image's pixels."""
        import cv2

        scale, level = math.hypot(to_patch[0, 0], to_patch[1, 0]), 0
        while level + 1 < len(self.levels) and scale * 2 ** (level + 1) < 1.2:
            level += 1
        matrix = to_patch.copy()
        matrix[:, :2] *= 2**level
        patch: np.ndarray = cv2.warpAffine(
            self.levels[level],
            matrix,
            (SIDE, SIDE),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return patch


def alignment(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(2, 3) similarity transform that moves (n, 2) points closest to others (Umeyama 1991)."""
    from_mean, to_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - from_mean, target - to_mean
    size = max(float((a * a).sum()), 1e-9)
    cos, sin = float((a * b).sum()) / size, float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / size
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, to_mean - turn @ from_mean])


def to_patch(points: np.ndarray) -> np.ndarray:
    """(2, 3) transform from an image to the patch around three points, (3, 2) in its pixels."""
    return alignment(points, (SHAPE / REACH + 1) * SIDE / 2 - 0.5)


def features(pyramid: Pyramid, points: np.ndarray) -> np.ndarray:
    """(FEATURES,) float64 that describe the patch around three points."""
    import cv2

    patch = pyramid.patch(to_patch(points))
    gradients = _histograms().compute(patch).ravel()
    small = cv2.resize(patch, (COARSE, COARSE), interpolation=cv2.INTER_AREA).astype(np.float64).ravel()
    brightness = (small - small.mean()) / (small.std() + 8) * 0.15
    return np.concatenate([gradients, brightness])


def offsets(points: np.ndarray, target: np.ndarray) -> np.ndarray:
    """(6,) moves in the patch around some points, in distances between the eyes, that lead to other
    points.
    """
    matrix = to_patch(points)
    inside = target @ matrix[:, :2].T + matrix[:, 2]
    return (((inside + 0.5) * 2 / SIDE - 1) * REACH - SHAPE).ravel()


def moved(points: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """(3, 2) points after such moves."""
    import cv2

    back = cv2.invertAffineTransform(to_patch(points))
    inside = ((SHAPE + moves.reshape(3, 2)) / REACH + 1) * SIDE / 2 - 0.5
    result: np.ndarray = inside @ back[:, :2].T + back[:, 2]
    return result


@dataclass(frozen=True, eq=False)
class AnimalShape:
    """steps: (FEATURES, 6) weights and (6,) biases, in order. weights, bias: of the score."""

    steps: tuple[tuple[np.ndarray, np.ndarray], ...]
    weights: np.ndarray
    bias: float

    @classmethod
    def read(cls, file: Path = FILE) -> AnimalShape:
        """From a safetensors file. Raises FileNotFoundError if it does not exist."""
        from safetensors.numpy import load_file

        tensors = {name: tensor.astype(np.float64) for name, tensor in load_file(file).items()}
        count = sum(name.startswith("step.") for name in tensors) // 2
        steps = tuple((tensors[f"step.{n}.weight"], tensors[f"step.{n}.bias"]) for n in range(count))
        return cls(steps, tensors["score.weight"], float(tensors["score.bias"][0]))

    def fit(self, pyramid: Pyramid, points: np.ndarray) -> np.ndarray | None:
        """(3, 2) points after all steps; None if they collapse or leave the image."""
        height, width = pyramid.levels[0].shape
        for weight, bias in self.steps:
            points = moved(points, features(pyramid, points) @ weight + bias)
            middle = points.mean(axis=0)
            eyes = float(np.linalg.norm(points[1] - points[0]))
            if not LEAST_EYES < eyes < max(height, width):
                return None
            if not (0 <= middle[0] < width and 0 <= middle[1] < height):
                return None
        return points

    def score(self, pyramid: Pyramid, points: np.ndarray) -> float:
        """How much the pixels around three points look like an animal's face: positive if more than not."""
        return float(features(pyramid, points) @ self.weights + self.bias)


@cache
def default_shape() -> AnimalShape:
    """The shape that the program ships with."""
    return AnimalShape.read()


@cache
def _histograms() -> Any:
    import cv2

    return cv2.HOGDescriptor((SIDE, SIDE), (BLOCK, BLOCK), (CELL, CELL), (CELL, CELL), BINS)
