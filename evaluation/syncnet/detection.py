"""Finds faces frame by frame: with S3FD, as the original does, or with MediaPipe, which is always
available.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from media.faces import FaceDetector

if TYPE_CHECKING:
    from evaluation.syncnet.s3fd import AnchorBoxes, S3fd

SCALE = 0.25
CONFIDENCE = 0.9
LEAST = 0.05
FIRST_OVERLAP, SECOND_OVERLAP = 0.3, 0.1
CONSIDERED, KEPT = 5000, 750


class Finder(Protocol):
    """Finds faces in a frame. name: as in reports."""

    name: str

    def find(self, frame: np.ndarray) -> np.ndarray:
        """(k, 5) x0, y0, x1, y1 in pixels and the confidence, from an (H, W, 3) uint8 RGB frame."""
        ...


class MediaPipeFinder:
    """The boxes around MediaPipe's face mesh: a little smaller than S3FD's, which reach to the hair."""

    name = "MediaPipe"

    def __init__(self, detector: FaceDetector | None = None) -> None:
        self._detector = detector

    def find(self, frame: np.ndarray) -> np.ndarray:
        """See `Finder`."""
        if self._detector is None:
            from media.faces import default_detector

            self._detector = default_detector()
        faces = self._detector.detect(frame)
        return np.array([(*face.box, face.score) for face in faces], np.float64).reshape(-1, 5)


class S3fdFinder:
    """S3FD on the frame at a quarter of its size."""

    name = "S3FD"

    def __init__(self, model: S3fd, device: str = "cpu") -> None:
        self._model = model.eval().to(device)
        self._like = next(model.parameters())

    def find(self, frame: np.ndarray, confidence: float = CONFIDENCE) -> np.ndarray:
        """See `Finder`."""
        rows = detections(self.look(reduced(frame)))
        height, width = frame.shape[:2]
        sure = rows[rows[:, 0] > confidence]
        boxes = sure[:, 1:].astype(np.float64) * (width, height, width, height)
        found = np.column_stack([boxes, sure[:, 0]])
        return found[suppressed(found, SECOND_OVERLAP)]

    def look(self, small: np.ndarray) -> AnchorBoxes:
        """Run the network on one frame, which has the network's size."""
        import torch

        from evaluation.syncnet.s3fd import MEAN

        x = small.astype(np.float32) - np.array(MEAN, np.float32)
        with torch.inference_mode():
            return self._model(torch.from_numpy(x.transpose(2, 0, 1).copy())[None].to(self._like))


def reduced(frame: np.ndarray) -> np.ndarray:
    """The frame at a quarter of its size, as the original's detector sees it."""
    return cv2.resize(frame, dsize=(0, 0), fx=SCALE, fy=SCALE, interpolation=cv2.INTER_LINEAR)


def detections(anchors: AnchorBoxes) -> np.ndarray:
    """(k, 5) float32 score, x0, y0, x1, y1 as fractions of the frame, best first, without
    overlapping ones.
    """
    from evaluation.syncnet.s3fd import boxes_of

    scores = anchors.faces[0, :, 1]
    chosen = scores > LEAST
    boxes = boxes_of(anchors.offsets[0][chosen], anchors.priors[chosen]).cpu().numpy()
    rows = np.column_stack([boxes, scores[chosen].cpu().numpy()])
    rows = rows[np.argsort(-rows[:, 4], kind="stable")[:CONSIDERED]]
    kept = rows[suppressed(rows, FIRST_OVERLAP)][:KEPT]
    return kept[:, [4, 0, 1, 2, 3]]


def suppressed(rows: np.ndarray, limit: float) -> list[int]:
    """Indices of (n, 5) boxes with scores, best first, without those that overlap a better one by more than
    the limit.
    """
    low, high = rows[:, :2], rows[:, 2:4]
    area = (high - low).prod(axis=1)
    order = np.argsort(-rows[:, 4], kind="stable")
    kept = []
    while len(order):
        best, order = int(order[0]), order[1:]
        kept.append(best)
        shared = np.minimum(high[best], high[order]) - np.maximum(low[best], low[order])
        shared_area = np.maximum(0.0, shared).prod(axis=1)
        order = order[shared_area <= limit * (area[best] + area[order] - shared_area)]
    return kept
