"""Weak signs of a face: eyes, nose and mouth that detectors for people see on animals, with low scores.

A detector that was trained on people scores an animal's face far below the usual threshold, but often puts
the eyes, the nose and the mouth in the right places. So the image is searched in many views, at several
sizes, rotated, and with more contrast, and every sign above a very low score is kept. What they agree on is
decided in `media.faces.animal_points`.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from media.faces.mediapipe_runtime import load_face_graphs
from media.faces.views import starts
from media.startup_shortcuts import quiet_stderr

LOWEST = 0.1
"""Lowest score of a sign."""
SEARCHED_SIDE = 512
"""The image is resized to this longest side before it is cut into views."""
VIEW_SIDE = 192
SIZES = (2.2, 1.7, 1.3, 1.0, 0.7, 0.5)
"""Sides of the square views, in longest sides of the image."""
ROTATIONS = (-30.0, 0.0, 30.0)
"""Degrees by which each view is turned."""
KEYPOINTS = 4
"""Eye on the image's left, the other eye, nose, mouth."""


@dataclass(frozen=True, eq=False)
class Hint:
    """points: (4, 2) floats in pixels: the eye on the image's left, the other eye, the nose, the mouth.
    score: 0.1..1.
    """

    points: np.ndarray
    score: float


class HintFinder:
    """Finds hints. Many threads may use one instance at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._graphs: list[Any] = []

    def find(self, image: np.ndarray) -> list[Hint]:
        """Every hint in an (H, W, 3) uint8 RGB image, in its pixels, from all views."""
        import cv2

        factor = SEARCHED_SIDE / max(image.shape[:2])
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
        whole = cv2.resize(image, None, fx=factor, fy=factor, interpolation=method)
        with self._lock:  # the graphs keep state between calls
            if not self._graphs:
                with quiet_stderr():
                    self._graphs = _graphs()
            return [
                Hint(points / factor, score)
                for source, rotations in ((whole, ROTATIONS), (_with_contrast(whole), (0.0,)))
                for view in _views(whole.shape[1], whole.shape[0], rotations)
                for points, score in self._in_view(source, view)
            ]

    def _in_view(self, image: np.ndarray, view: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
        import cv2

        pixels = cv2.warpAffine(
            image, view, (VIEW_SIDE, VIEW_SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        )
        back = cv2.invertAffineTransform(view)
        for graph in self._graphs:
            for found in graph.process({"image": pixels}).detections or []:
                relative = found.location_data.relative_keypoints
                points = np.array([(p.x * VIEW_SIDE, p.y * VIEW_SIDE, 1.0) for p in relative])
                yield points[:KEYPOINTS] @ back.T, float(found.score[0])


@cache
def default_hint_finder() -> HintFinder:
    """The process's finder; its networks are built when it first searches."""
    return HintFinder()


def _graphs() -> list[Any]:
    """Both detectors. MediaPipe's own class ignores the score that it is given, and keeps 0.5."""
    parts = load_face_graphs()
    graphs = []
    for name in ("FaceDetectionShortRangeCpu", "FaceDetectionFullRangeCpu"):
        config = parts.CalculatorGraphConfig()
        config.input_stream.append("IMAGE:image")
        config.output_stream.append("DETECTIONS:detections")
        node = config.node.add()
        node.calculator = name
        node.input_stream.append("IMAGE:image")
        node.output_stream.append("DETECTIONS:detections")
        node.node_options.add().Pack(parts.FaceDetectionOptions(min_score_thresh=LOWEST))
        graphs.append(parts.SolutionBase(graph_config=config, outputs=["detections"]))
    nothing = np.zeros((VIEW_SIDE, VIEW_SIDE, 3), np.uint8)
    for graph in graphs:
        graph.process({"image": nothing})  # it logs with its first image
    return graphs


def _views(width: int, height: int, rotations: Sequence[float]) -> Iterator[np.ndarray]:
    """(2, 3) transforms from the image to square views of it."""
    for size in SIZES:
        side = size * max(width, height)
        columns = starts(width, round(side)) if side < width else [(width - side) / 2]
        rows = starts(height, round(side)) if side < height else [(height - side) / 2]
        for left in columns:
            for top in rows:
                for degrees in rotations:
                    yield _view((left + side / 2, top + side / 2), side, math.radians(degrees))


def _view(centre: tuple[float, float], side: float, angle: float) -> np.ndarray:
    scale = VIEW_SIDE / side
    turn = scale * np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.column_stack([turn, VIEW_SIDE / 2 - turn @ np.asarray(centre)])


def _with_contrast(image: np.ndarray) -> np.ndarray:
    """The image with more contrast in each part (Zuiderveld 1994, CLAHE)."""
    import cv2

    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(3.0, (4, 4)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
