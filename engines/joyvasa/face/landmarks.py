"""Landmarks by networks: InsightFace's 106 points (2d106det.onnx) and LivePortrait's 203 (landmark.onnx)."""

from __future__ import annotations

import numpy as np

from engines.faces.onnx_model import Model
from engines.joyvasa.face.affine import inverse, sample_bilinear, transform_points
from engines.joyvasa.face.crop import crop_face

SIDE_106 = 192
MARGIN_106 = 1.5
"""The crop's side in longer sides of the detector's box."""
SIDE_203 = 224
CROP_203 = {"size": SIDE_203, "scale": 1.5, "vy_ratio": -0.1}


def landmarks_106(image: np.ndarray, box: tuple[float, float, float, float], model: Model) -> np.ndarray:
    """(106, 2) float32 pixels in an (H, W, 3) uint8 RGB picture, of the face in a box (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    factor = SIDE_106 / (max(x1 - x0, y1 - y0) * MARGIN_106)
    middle = SIDE_106 / 2
    to_crop = np.array(
        [
            [factor, 0, middle - factor * (x0 + x1) / 2],
            [0, factor, middle - factor * (y0 + y1) / 2],
            [0, 0, 1],
        ]
    )
    crop = sample_bilinear(image, inverse(to_crop), (SIDE_106, SIDE_106))
    places = (_points(model(_batch(crop))[0], 106) + 1) * middle
    return transform_points(places, inverse(to_crop))


def landmarks_203(image: np.ndarray, points: np.ndarray, model: Model) -> np.ndarray:
    """(203, 2) float32 pixels in an (H, W, 3) uint8 RGB picture, of the face at `points`."""
    crop = crop_face(image, points, **CROP_203)  # type: ignore[arg-type]  # one of them is an int
    outputs = model(_batch(crop.image) / 255)
    return transform_points(_points(outputs[2], 203) * SIDE_203, crop.to_picture)


def _batch(crop: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(crop.transpose(2, 0, 1)[None].astype(np.float32))


def _points(output: np.ndarray, count: int) -> np.ndarray:
    if output.size != 2 * count:
        raise ValueError(f"A model of {count} landmarks gives {2 * count} numbers, this one {output.size}.")
    return output.reshape(count, 2)
