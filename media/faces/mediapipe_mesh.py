"""Faces by MediaPipe: two detectors find them, the attention mesh puts 478 points on each.

The models ship inside the mediapipe wheel, so nothing is downloaded.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from media.faces.face import Face
from media.faces.mediapipe_runtime import load_face_graphs, quiet_stderr
from media.faces.views import View, crop_square, views_of

SHORT_RANGE, FULL_RANGE = 0, 1
LOWEST_SCORE = 0.3
MESH_SIDE = 384
"""Crops are reduced to this side before the 192-pixel network samples them, against aliasing."""


@dataclass(frozen=True)
class Candidate:
    """A face as a detector sees it: eyes, mouth and box in picture pixels, and how sure it is."""

    box: tuple[float, float, float, float]
    eyes: tuple[tuple[float, float], tuple[float, float]]  # the person's right eye first
    score: float

    @property
    def side(self) -> float:
        """The longer side of the box in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box in pixels."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


class MediaPipeDetector:
    """The FaceDetector that works everywhere. One instance may be used by many threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._graphs: _Graphs | None = None

    def detect(self, image: np.ndarray, min_score: float = 0.5) -> list[Face]:
        """Find faces in an (H, W, 3) uint8 RGB picture, largest first; empty when there are none.

        min_score: 0.3..1; detections below it are left out.
        """
        with self._lock:  # the graphs keep state between calls, and one detection is short
            if self._graphs is None:
                with quiet_stderr():
                    self._graphs = _Graphs()
            return _find_faces(self._graphs, image, max(min_score, LOWEST_SCORE))


class _Graphs:
    """MediaPipe's three graphs, built once and run once so that their first lines are caught."""

    def __init__(self) -> None:
        parts = load_face_graphs()
        self._rect = parts.NormalizedRect
        self._detectors = [
            parts.FaceDetection(min_detection_confidence=LOWEST_SCORE, model_selection=model)
            for model in (SHORT_RANGE, FULL_RANGE)
        ]
        config = parts.CalculatorGraphConfig()
        config.input_stream.extend(["image", "roi"])
        config.input_side_packet.append("with_attention")
        config.output_stream.append("landmarks")
        node = config.node.add()
        node.calculator = "FaceLandmarkCpu"
        node.input_stream.extend(["IMAGE:image", "ROI:roi"])
        node.input_side_packet.append("WITH_ATTENTION:with_attention")
        node.output_stream.append("LANDMARKS:landmarks")
        self._mesh = parts.SolutionBase(
            graph_config=config, side_inputs={"with_attention": True}, outputs=["landmarks"]
        )
        self.mesh(np.zeros((MESH_SIDE, MESH_SIDE, 3), np.uint8), 1.0, 0.0)

    def detections(self, image: np.ndarray, model: int) -> list[Any]:
        """Raw detections, relative to the (H, W, 3) picture."""
        return list(self._detectors[model].process(image).detections or [])

    def mesh(self, square: np.ndarray, size: float, rotation: float) -> np.ndarray | None:
        """(478, 3) points of the face in the middle of a square picture, in its pixels; None if no face.

        size: side of the region looked at, as a fraction of the square; rotation in radians, clockwise.
        """
        roi = self._rect(x_center=0.5, y_center=0.5, width=size, height=size, rotation=rotation)
        found = self._mesh.process({"image": square, "roi": roi}).landmarks
        if found is None:
            return None
        side = square.shape[0]
        return np.array([(p.x * side, p.y * side, p.z * side) for p in found.landmark], np.float32)


def _find_faces(graphs: _Graphs, image: np.ndarray, min_score: float) -> list[Face]:
    candidates: list[Candidate] = []
    for level in views_of(image.shape[1], image.shape[0]):
        for view in level:
            candidates += _candidates(graphs, image, view)
        candidates = _without_doubles(candidates)
        if candidates and candidates[0].score >= 0.7:
            break
    faces = []
    for candidate in candidates:
        if candidate.score >= min_score:
            points = _landmarks(graphs, image, candidate)
            if points is not None:
                x0, y0 = points[:, :2].min(axis=0)
                x1, y1 = points[:, :2].max(axis=0)
                faces.append(Face(points, (float(x0), float(y0), float(x1), float(y1)), candidate.score))
    return sorted(faces, key=lambda face: -face.area)


def _candidates(graphs: _Graphs, image: np.ndarray, view: View) -> list[Candidate]:
    picture = view.cut(image)
    found = []
    for model in view.models:
        for detection in graphs.detections(picture, model):
            where = detection.location_data
            box = where.relative_bounding_box
            corners = [(box.xmin, box.ymin), (box.xmin + box.width, box.ymin + box.height)]
            eyes = [(p.x, p.y) for p in where.relative_keypoints[:2]]
            (x0, y0), (x1, y1), right, left = (view.to_picture(x, y) for x, y in corners + eyes)
            found.append(Candidate((x0, y0, x1, y1), (right, left), float(detection.score[0])))
    return found


def _without_doubles(candidates: list[Candidate]) -> list[Candidate]:
    """Best first; a box that shares half of the smaller one's area with a better box is the same face."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: -c.score):
        if all(_overlap(candidate.box, other.box) < 0.5 for other in kept):
            kept.append(candidate)
    return kept


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / max(smaller, 1e-6)


def _landmarks(graphs: _Graphs, image: np.ndarray, candidate: Candidate) -> np.ndarray | None:
    """(478, 3) points in picture pixels: a first look at the detector's box, a second at the mesh's own."""
    (rx, ry), (lx, ly) = candidate.eyes
    centre, side = candidate.centre, 1.5 * candidate.side
    points = _mesh_at(graphs, image, centre, side, math.atan2(ly - ry, lx - rx))
    if points is None:
        return None
    # The network was trained on boxes around its own points, as in a running video.
    right, left = points[33, :2], points[263, :2]
    angle = math.atan2(float(left[1] - right[1]), float(left[0] - right[0]))
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    again = _mesh_at(
        graphs, image, tuple(map(float, (low + high) / 2)), 1.5 * float((high - low).max()), angle
    )
    return points if again is None else again


def _mesh_at(
    graphs: _Graphs, image: np.ndarray, centre: tuple[float, ...], side: float, angle: float
) -> np.ndarray | None:
    # Twice as wide as the region, so that a turned region still lies inside the crop.
    square, x0, y0 = crop_square(image, (centre[0], centre[1]), 1.5 * side)
    ratio = 1.0
    if square.shape[0] > MESH_SIDE:
        ratio = MESH_SIDE / square.shape[0]
        square = np.asarray(Image.fromarray(square).resize((MESH_SIDE, MESH_SIDE), Image.Resampling.BOX))
    points = graphs.mesh(square, side * ratio / square.shape[0], angle)
    if points is None:
        return None
    points /= ratio
    points[:, 0] += x0
    points[:, 1] += y0
    return points
