"""InsightFace's recogniser (ArcFace, glintr100.onnx): a face in, the numbers that tell people apart out.

The file is free for research only. The network is Deng et al. 2019, trained on Glint360K; the five places are
those that its training pictures were aligned to.
"""

from __future__ import annotations

import cv2
import numpy as np

from engines.faces.onnx_model import Model

SIDE = 112
EMBEDDING = 512
ALIGNED = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Where eyes, nose and mouth corners are in an aligned face of 112 x 112 pixels."""


def similarity(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The turn, scale and shift that bring (n, 2) points nearest to (n, 2) places: (2, 3) float64.

    Raises ValueError when all points are one.
    """
    source, target = (np.asarray(p, np.float64) @ np.array([1, 1j]) for p in (points, places))
    centred = source - source.mean()
    spread = np.vdot(centred, centred).real
    if not spread > 0:
        raise ValueError("All points of the face lie on one place.")
    factor = np.vdot(centred, target - target.mean()) / spread
    shift = target.mean() - factor * source.mean()
    return np.array([[factor.real, -factor.imag, shift.real], [factor.imag, factor.real, shift.imag]])


def align(image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 picture, (5, 2) eyes, nose, mouth corners -> (112, 112, 3) uint8, black outside."""
    return cv2.warpAffine(image, similarity(keypoints, ALIGNED), (SIDE, SIDE))


def embed(image: np.ndarray, keypoints: np.ndarray, model: Model) -> np.ndarray:
    """(512,) float32 embedding, as the network gives it (not of length 1), of a face in an RGB picture.

    image: (H, W, 3) uint8 RGB. keypoints: (5, 2) pixels. Raises ValueError when the model gives other than
    512 numbers.
    """
    pixels = (align(image, keypoints).astype(np.float32) - 127.5) / 127.5
    answer = model(np.ascontiguousarray(pixels.transpose(2, 0, 1)[None]))[0]
    if answer.size != EMBEDDING:
        raise ValueError(f"A face recogniser gives {EMBEDDING} numbers, this one {answer.size}.")
    return answer.reshape(EMBEDDING).astype(np.float32)
