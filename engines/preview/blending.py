"""Weights of layers that are blended."""

from __future__ import annotations

import cv2
import numpy as np


def spread(weights: np.ndarray) -> np.ndarray:
    """(h, w) weights -> (h, w, 3): one array for all channels is multiplied faster than a broadcast one."""
    return cv2.merge((weights, weights, weights))
