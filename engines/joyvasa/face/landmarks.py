"""Landmarks by a network: LivePortrait's 203 points (landmark.onnx)."""

from __future__ import annotations

import numpy as np

from engines.faces.onnx_model import Model
from engines.joyvasa.face.affine import transform_points
from engines.joyvasa.face.crop import crop_face

POINTS = 203
SIDE_203 = 224
CROP_203 = {"size": SIDE_203, "scale": 1.5, "vy_ratio": -0.1}


def landmarks_203(image: np.ndarray, points: np.ndarray, model: Model) -> np.ndarray:
    """(203, 2) float32 landmarks in pixels of the face at `points` in an (H, W, 3) uint8 RGB image."""
    crop = crop_face(image, points, **CROP_203)  # type: ignore[arg-type]  # one of them is an int
    pixels = np.ascontiguousarray(crop.image.transpose(2, 0, 1)[None].astype(np.float32))
    places = model(pixels / 255)[2]
    if places.size != 2 * POINTS:
        raise ValueError(f"A model of {POINTS} landmarks gives {2 * POINTS} numbers, this one {places.size}.")
    return transform_points(places.reshape(POINTS, 2) * SIDE_203, crop.to_picture)
