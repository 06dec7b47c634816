"""Faces by MediaPipe: two detectors find them, the attention mesh puts 478 points on each.

The models ship inside the mediapipe wheel, so nothing is downloaded.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from media.faces.face import Face
from media.faces.mediapipe_runtime import load_face_graphs
from media.faces.views import Depth, View, crop_square, views_of
from media.startup_shortcuts import quiet_stderr

SHORT_RANGE, FULL_RANGE = 0, 1
"""MediaPipe's numbers of the two detectors."""
MESH = 2
LOWEST_SCORE = 0.3
MESH_SIDE = 384
"""Crops are reduced to this side before the 192-pixel network samples them, against aliasing."""

CLEAR_SCORE = 0.7
"""If a face has this score, no further views of the image are tried."""

CHECKED_BELOW = 0.5

DOUBTFUL_SIDE = 0.15
"""A face in a tile that is smaller than this fraction of the image needs a clear score: coins, headlights and
rockets' noses score up to 0.7 there.
"""

REGION_SIZES = (1.5, 1.9, 2.3, 2.8)
"""Regions for the mesh, in box sides: the first is MediaPipe's own; the others are tried if it finds no face,
because on animals the detectors often find only the muzzle.
"""

Box = tuple[float, float, float, float]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Candidate:
    """A face found by a detector: eyes, mouth and box in image pixels, and its score."""

    box: Box
    eyes: tuple[tuple[float, float], tuple[float, float]]  # the person's right eye first
    score: float

    @property
    def side(self) -> float:
        """The longer side of the box in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the box in pixels."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


class MediaPipeDetector:
    """The FaceDetector for all systems. Many threads may use one instance at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._graphs: _Graphs | None = None

    def detect(self, image: np.ndarray, min_score: float = 0.5, *, depth: Depth = "tiles") -> list[Face]:
        """Find faces in an (H, W, 3) uint8 RGB image, largest first; empty if there are none.

        min_score: 0.3..1; detections below it are dropped. Below 0.5 (CHECKED_BELOW), small parts of the
        image that resemble faces are included: the caller has to check them.
        depth: how thoroughly an image without a clear face is searched. Tiles take ten times as long as the
        rest, margins twice as long as the whole image.
        """
        with self._lock:  # the graphs keep state between calls, and one detection is short
            return self._ask(lambda graphs: _find_faces(graphs, image, max(min_score, LOWEST_SCORE), depth))

    def follow(self, image: np.ndarray, face: Face) -> Face | None:
        """The same face in the next (H, W, 3) uint8 RGB frame of a video; None if it is gone.

        face: from the previous frame. Takes a fifth of the time of `detect`: only the mesh runs, at the same
        place.
        """
        with self._lock:
            points = self._ask(lambda graphs: _mesh_around(graphs, image, face.landmarks))
        if points is None:
            return None
        return Face(points, _box_of(points), face.score)

    def _ask(self, question: Callable[[_Graphs], Answer]) -> Answer:
        """The first question builds the graphs, and catches their first log lines. Hold the lock."""
        if self._graphs is not None:
            return question(self._graphs)
        with quiet_stderr():
            graphs = _Graphs()
            answer = question(graphs)
            graphs.answer_once()
        self._graphs = graphs
        return answer


class _Graphs:
    """MediaPipe's three graphs, built once."""

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
        self._unasked = {SHORT_RANGE, FULL_RANGE, MESH}

    def answer_once(self) -> None:
        """Ask each graph that was not asked yet: it opens its networks in its own threads and logs then, and
        after one answer it has logged everything.
        """
        nothing = np.zeros((MESH_SIDE, MESH_SIDE, 3), np.uint8)
        for graph in self._unasked.copy():
            if graph == MESH:
                self.mesh(nothing, 1.0, 0.0)
            else:
                self.detections(nothing, graph)

    def detections(self, image: np.ndarray, model: int) -> list[Any]:
        """Raw detections, relative to the (H, W, 3) image."""
        found = self._detectors[model].process(image).detections
        self._unasked.discard(model)
        return list(found or [])

    def mesh(self, square: np.ndarray, size: float, rotation: float) -> np.ndarray | None:
        """(478, 3) points of the face in the middle of a square image, in its pixels; None without a face.

        size: side of the region, as a fraction of the square. rotation: in radians, clockwise.
        """
        roi = self._rect(x_center=0.5, y_center=0.5, width=size, height=size, rotation=rotation)
        found = self._mesh.process({"image": square, "roi": roi}).landmarks
        self._unasked.discard(MESH)
        if found is None:
            return None
        side = square.shape[0]
        return np.array([(p.x * side, p.y * side, p.z * side) for p in found.landmark], np.float32)


def _find_faces(graphs: _Graphs, image: np.ndarray, min_score: float, depth: Depth) -> list[Face]:
    """Search more and more views of the image until a face is clear."""
    candidates: list[Candidate] = []
    for level in views_of(image.shape[1], image.shape[0], depth):
        for view in level:
            doubtful = DOUBTFUL_SIDE * max(image.shape) if view.tile and min_score >= CHECKED_BELOW else 0.0
            candidates += [
                c
                for c in _candidates(graphs, image, view)
                if c.score >= (CLEAR_SCORE if c.side < doubtful else min_score)
            ]
        if any(candidate.score >= CLEAR_SCORE for candidate in candidates):
            break
    faces: list[Face] = []
    taken: list[Box] = []
    for candidate in sorted(candidates, key=lambda c: -c.score):
        if any(_overlap(candidate.box, box) > 0.5 for box in taken):
            continue
        points = _landmarks(graphs, image, candidate)
        if points is None:
            continue
        box = _box_of(points)
        if all(_overlap(box, face.box) < 0.5 for face in faces):
            faces.append(Face(points, box, candidate.score))
        taken.append(candidate.box)
    return sorted(faces, key=lambda face: -face.area)


def _candidates(graphs: _Graphs, image: np.ndarray, view: View) -> list[Candidate]:
    picture = view.cut(image)
    found = []
    for model in (SHORT_RANGE, FULL_RANGE):
        for detection in graphs.detections(picture, model):
            where = detection.location_data
            box = where.relative_bounding_box
            corners = [(box.xmin, box.ymin), (box.xmin + box.width, box.ymin + box.height)]
            eyes = [(p.x, p.y) for p in where.relative_keypoints[:2]]
            (x0, y0), (x1, y1), right, left = (view.to_picture(x, y) for x, y in corners + eyes)
            found.append(Candidate((x0, y0, x1, y1), (right, left), float(detection.score[0])))
    return found


def _overlap(a: Box, b: Box) -> float:
    """Shared area as a fraction of the smaller box."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return width * height / max(smaller, 1e-6)


def _landmarks(graphs: _Graphs, image: np.ndarray, candidate: Candidate) -> np.ndarray | None:
    """(478, 3) points in image pixels: first from the detector's box, then from the mesh's own."""
    (rx, ry), (lx, ly) = candidate.eyes
    angle = math.atan2(ly - ry, lx - rx)
    for size in REGION_SIZES:
        points = _mesh_at(graphs, image, candidate.centre, size * candidate.side, angle)
        if points is not None:
            break
    else:
        return None
    again = _mesh_around(graphs, image, points)
    return points if again is None else again


def _mesh_around(graphs: _Graphs, image: np.ndarray, points: np.ndarray) -> np.ndarray | None:
    """The mesh at its previous place: it was trained on boxes around its own points, as in a video."""
    right, left = points[33, :2], points[263, :2]
    angle = math.atan2(float(left[1] - right[1]), float(left[0] - right[0]))
    x0, y0, x1, y1 = _box_of(points)
    side = REGION_SIZES[0] * max(x1 - x0, y1 - y0)
    return _mesh_at(graphs, image, ((x0 + x1) / 2, (y0 + y1) / 2), side, angle)


def _box_of(points: np.ndarray) -> Box:
    (x0, y0), (x1, y1) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _mesh_at(
    graphs: _Graphs, image: np.ndarray, centre: tuple[float, float], side: float, angle: float
) -> np.ndarray | None:
    # Wider than the region, so that a turned region still lies inside the crop.
    square, x0, y0 = crop_square(image, centre, 1.5 * side)
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
