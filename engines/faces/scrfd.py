"""InsightFace's detector of faces (SCRFD, det_10g.onnx): pictures in, boxes out.

The file is free for research only. The facts are in FACTS section 4; the network is Guo et al. 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engines.faces.onnx_model import Model

INPUT_SIDE = 512
STRIDES = (8, 16, 32)
ANCHORS = 2
NMS_OVERLAP = 0.4


@dataclass(frozen=True, eq=False)
class Detection:
    """A face: box (x0, y0, x1, y1) in pixels and score 0..1."""

    box: tuple[float, float, float, float]
    score: float

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


def detect_faces(image: np.ndarray, model: Model, threshold: float = 0.15) -> list[Detection]:
    """Faces in an (H, W, 3) uint8 RGB picture with scores of at least `threshold`, largest first."""
    pixels, factor = _letterbox(image)
    outputs = [output.reshape(-1, output.shape[-1]) for output in model(pixels)]
    levels = len(STRIDES)
    if len(outputs) < 2 * levels:
        raise ValueError(f"A face detector has {2 * levels} outputs or more, this model has {len(outputs)}.")
    boxes, scores = [], []
    for stride, score, distances in zip(STRIDES, outputs, outputs[levels:], strict=False):
        sure = score[:, 0] >= threshold
        boxes.append(_boxes(distances[sure] * stride, _centres(stride)[sure]))
        scores.append(score[sure, 0])
    all_boxes, all_scores = np.concatenate(boxes) / factor, np.concatenate(scores)
    found = [
        Detection(tuple(map(float, all_boxes[i])), float(all_scores[i]))  # type: ignore[arg-type]
        for i in best_boxes(all_boxes, all_scores)
    ]
    return sorted(found, key=lambda face: -face.area)


def best_boxes(boxes: np.ndarray, scores: np.ndarray, overlap: float = NMS_OVERLAP) -> list[int]:
    """Non-maximum suppression: rows of (n, 4) boxes to keep, best score first.

    Pixels are counted as in the original, with both borders: sides are one longer than the difference.
    """
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    areas = sides.prod(axis=1)
    waiting = np.argsort(-scores, kind="stable")
    kept = []
    while len(waiting):
        best, waiting = waiting[0], waiting[1:]
        kept.append(int(best))
        low = np.maximum(boxes[best, :2], boxes[waiting, :2])
        high = np.minimum(boxes[best, 2:], boxes[waiting, 2:])
        shared = np.clip(high - low + 1, 0, None).prod(axis=1)
        waiting = waiting[shared / (areas[best] + areas[waiting] - shared) <= overlap]
    return kept


def _letterbox(image: np.ndarray) -> tuple[np.ndarray, float]:
    """The picture reduced into the upper left of a black square, normalised: (1, 3, 512, 512), factor."""
    height, width = image.shape[:2]
    if height > width:
        size = (max(1, int(INPUT_SIDE * width / height)), INPUT_SIDE)
    else:
        size = (INPUT_SIDE, max(1, int(INPUT_SIDE * height / width)))
    square = np.zeros((INPUT_SIDE, INPUT_SIDE, 3), np.uint8)
    square[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    normal = (square.astype(np.float32) - 127.5) / 128
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None]), size[1] / height


def _centres(stride: int) -> np.ndarray:
    """(n, 2) places of all anchors of a level: rows of cells, every cell ANCHORS times."""
    cells = INPUT_SIDE // stride
    y, x = np.divmod(np.arange(cells * cells), cells)
    return np.repeat(np.stack([x, y], axis=1) * stride, ANCHORS, axis=0).astype(np.float32)


def _boxes(distances: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Boxes from the distances of their left, upper, right and lower sides."""
    return np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1)
