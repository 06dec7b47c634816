"""InsightFace's detectors of faces (SCRFD): pictures in, boxes and five points out.

The same network is published as det_10g.onnx and as scrfd_10g_bnkps.onnx, both free for research only. It is
Guo et al. 2021.
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
    """A face: box (x0, y0, x1, y1) in pixels and score 0..1.

    keypoints: (5, 2) float32 pixels, the eyes, the nose and the corners of the mouth, the picture's left side
    first; None from a model without them.
    """

    box: tuple[float, float, float, float]
    score: float
    keypoints: np.ndarray | None = None

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


def detect_faces(
    image: np.ndarray, model: Model, threshold: float = 0.15, side: int = INPUT_SIDE
) -> list[Detection]:
    """Faces in an (H, W, 3) uint8 RGB picture with scores of at least `threshold`, largest first.

    side: of the square that the picture is reduced or enlarged to, in pixels, a multiple of 32.
    """
    pixels, factor = _letterbox(image, side)
    outputs = [output.reshape(-1, output.shape[-1]) for output in model(pixels)]
    levels = len(STRIDES)
    if len(outputs) < 2 * levels:
        raise ValueError(f"A face detector has {2 * levels} outputs or more, this model has {len(outputs)}.")
    boxes, scores, points = [], [], []
    for level, stride in enumerate(STRIDES):
        score = outputs[level][:, 0]
        sure = score >= threshold
        centres = _centres(stride, side)[sure]
        scores.append(score[sure])
        boxes.append(_boxes(outputs[levels + level][sure] * stride, centres))
        if len(outputs) >= 3 * levels:
            steps = outputs[2 * levels + level][sure].reshape(-1, 5, 2)
            points.append(centres[:, None] + steps * stride)
    all_boxes, all_scores = np.concatenate(boxes) / factor, np.concatenate(scores)
    all_points = np.concatenate(points) / factor if points else None
    found = [
        Detection(
            tuple(map(float, all_boxes[i])),  # type: ignore[arg-type]
            float(all_scores[i]),
            None if all_points is None else all_points[i].astype(np.float32),
        )
        for i in best_boxes(all_boxes, all_scores)
    ]
    return sorted(found, key=lambda face: -face.area)


def same_face(found: list[Detection], box: tuple[float, float, float, float]) -> Detection | None:
    """The detection of the face that has been found elsewhere at a box; None when it is not among them."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    area = (box[2] - box[0]) * (box[3] - box[1])
    around = [d for d in found if d.box[0] <= x <= d.box[2] and d.box[1] <= y <= d.box[3]]
    return min(around, key=lambda d: abs(np.log(max(d.area, 1.0) / max(area, 1.0))), default=None)


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


def _letterbox(image: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """The picture scaled into the upper left of a black square, normalised: (1, 3, side, side), factor."""
    height, width = image.shape[:2]
    if height > width:
        size = (max(1, int(side * width / height)), side)
    else:
        size = (side, max(1, int(side * height / width)))
    square = np.zeros((side, side, 3), np.uint8)
    square[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    normal = (square.astype(np.float32) - 127.5) / 128
    return np.ascontiguousarray(normal.transpose(2, 0, 1)[None]), size[1] / height


def _centres(stride: int, side: int) -> np.ndarray:
    """(n, 2) places of all anchors of a level: rows of cells, every cell ANCHORS times."""
    cells = side // stride
    y, x = np.divmod(np.arange(cells * cells), cells)
    return np.repeat(np.stack([x, y], axis=1) * stride, ANCHORS, axis=0).astype(np.float32)


def _boxes(distances: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Boxes from the distances of their left, upper, right and lower sides."""
    return np.concatenate([centres - distances[:, :2], centres + distances[:, 2:]], axis=1)
