"""Separates people from their background by MediaPipe's selfie segmentation; its wheel has the network."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, Protocol

import numpy as np

from media.faces.mediapipe_runtime import load_selfie_segmentation
from media.startup_shortcuts import quiet_stderr

NETWORK_SIDE = 512
"""The image is reduced to this longest side: the network works at 256x256 pixels."""
GENERAL = 0
"""The network for images of any shape; the other one is for wide video."""
RADIUS, EPSILON = 8, 1e-4
"""Of the guided filter (He et al., 2010) that brings the mask to the edges of the image, in pixels of the
reduced image, and in squared fractions of the brightness.
"""

BEHIND, PERSON = 0.15, 0.8
"""What the network says of pixels that are surely background, and surely a person."""


class Segmenter(Protocol):
    """The interface of every segmentation."""

    def mask(self, image: np.ndarray) -> np.ndarray:
        """(H, W) float32, 1 where the (H, W, 3) uint8 RGB image shows a person, and 0 behind."""
        ...


class MediaPipeSegmenter:
    """The Segmenter for all systems. Many threads may use one instance at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._graph: Any = None

    def mask(self, image: np.ndarray) -> np.ndarray:
        """(H, W) float32, as the interface says. Raises JoyStudioError if MediaPipe cannot start."""
        import cv2

        height, width = image.shape[:2]
        scale = min(1.0, NETWORK_SIDE / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = np.ascontiguousarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
        with self._lock:  # the graph keeps state between calls
            if self._graph is None:
                with quiet_stderr():
                    self._graph = load_selfie_segmentation()(model_selection=GENERAL)
                    self._graph.process(small)
            rough = np.asarray(self._graph.process(small).segmentation_mask, np.float32)
        exact = cv2.ximgproc.guidedFilter(small, rough, RADIUS, EPSILON * 255**2)
        mask = cv2.resize(exact, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.clip((mask - BEHIND) / (PERSON - BEHIND), 0.0, 1.0)


@cache
def default_segmenter() -> Segmenter:
    """The process's segmenter; its network is built when it first sees an image."""
    return MediaPipeSegmenter()
