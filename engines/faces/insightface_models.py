"""InsightFace's models, run by the insightface package: images in; faces, landmarks and identities out.

The package's own classes scale, normalise, align and suppress overlaps. This module opens their sessions on
local files, because the package's own loader may download files and chooses the device itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from engines.faces.onnx_model import PerProcess, open_session, package_missing, unusable

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels."""

LANDMARKS = 106
LANDMARKS_SIDE = 192
EMBEDDING = 512
RECOGNISER_SIDE = 112


@dataclass(frozen=True, eq=False)
class Detection:
    """A face: box in pixels and score 0..1.

    keypoints: (5, 2) float32 pixels, the eyes, the nose and the corners of the mouth, the picture's left side
    first; None from a model without them.
    """

    box: Box
    score: float
    keypoints: np.ndarray | None = None

    @property
    def area(self) -> float:
        """Square pixels."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


Detector = Callable[[np.ndarray, float], list[Detection]]
"""Takes an (H, W, 3) uint8 RGB image and the lowest accepted score. Returns the faces, largest first."""
Landmarker = Callable[[np.ndarray, Box], np.ndarray]
"""Takes an (H, W, 3) uint8 RGB image and a face's box. Returns the face's (106, 2) float32 points in pixels.
"""
Recogniser = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Takes an (H, W, 3) uint8 RGB image and a face's (5, 2) keypoints.

Returns its (512,) float32 embedding as the network gives it, not normalised to length 1.
"""


def load_detector(path: Path, side: int, device: str = "cpu") -> Detector:
    """SCRFD (Guo et al. 2021), published as det_10g.onnx and as scrfd_10g_bnkps.onnx.

    side: the side of the square into which an image is scaled, in pixels, a multiple of 32. device and
    errors: as in `onnx_model.load_model`; a file with another network raises WeightsError, too.
    """

    def opener() -> Any:
        # One session serves all sizes: a second one for a fixed size would take the same memory again.
        model = _packaged("SCRFD", path, device, static_shape_sessions=False)
        if not hasattr(model, "fmc"):
            raise unusable(path, f"{len(model.output_names)} outputs; a face detector has 6, 9, 10 or 15")
        if model.static_input_size not in (None, (side, side)):
            width, height = model.static_input_size
            raise unusable(path, f"an input of {width}x{height}; {side}x{side} is needed")
        return model

    current = PerProcess(opener)

    def detect(image: np.ndarray, threshold: float) -> list[Detection]:
        rows, keypoints = current().detect(_bgr(image), input_size=(side, side), det_thresh=threshold)
        x0, y0, x1, y1, scores = rows.T.tolist()
        boxes = zip(x0, y0, x1, y1, strict=True)
        points = [None] * len(rows) if keypoints is None else keypoints.astype(np.float32)
        found = [Detection(*face) for face in zip(boxes, scores, points, strict=True)]
        return sorted(found, key=lambda face: -face.area)

    return detect


def load_landmarker(path: Path, device: str = "cpu") -> Landmarker:
    """Load the network of 106 points, 2d106det.onnx. device and errors: as for `load_detector`."""

    def opener() -> Any:
        model = _packaged("Landmark", path, device)
        _check_side(path, model, LANDMARKS_SIDE)
        if model.lmk_num != LANDMARKS:
            raise unusable(path, f"{model.lmk_num} landmarks; {LANDMARKS} are needed")
        return model

    current = PerProcess(opener)

    def landmarks(image: np.ndarray, box: Box) -> np.ndarray:
        from insightface.app.common import Face

        return np.asarray(current().get(_bgr(image), Face(bbox=np.array(box, np.float32))))

    return landmarks


def load_recogniser(path: Path, device: str = "cpu") -> Recogniser:
    """Load ArcFace (Deng et al. 2019), glintr100.onnx. device and errors: as for `load_detector`."""

    def opener() -> Any:
        model = _packaged("ArcFaceONNX", path, device)
        _check_side(path, model, RECOGNISER_SIDE)
        if model.output_shape[-1] != EMBEDDING:
            raise unusable(path, f"{model.output_shape[-1]} numbers; a recogniser has {EMBEDDING}")
        return model

    current = PerProcess(opener)

    def recognise(image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        from insightface.app.common import Face

        with warnings.catch_warnings():
            # insightface 2.1 aligns by a method that scikit-image 0.26 calls deprecated.
            warnings.filterwarnings("ignore", "`estimate` is deprecated", FutureWarning)
            return np.asarray(current().get(_bgr(image), Face(kps=keypoints)))

    return recognise


def same_face(found: list[Detection], box: Box) -> Detection | None:
    """The detection that matches a face at a box; None if there is none."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    area = (box[2] - box[0]) * (box[3] - box[1])
    around = [d for d in found if d.box[0] <= x <= d.box[2] and d.box[1] <= y <= d.box[3]]
    return min(around, key=lambda d: abs(np.log(max(d.area, 1.0) / max(area, 1.0))), default=None)


def _packaged(kind: str, path: Path, device: str, **options: bool) -> Any:
    """A model of the package's class `kind`."""
    session = open_session(path, device)
    try:
        from insightface import model_zoo  # late: it imports SciPy, scikit-image and requests
    except ImportError as error:
        raise package_missing(path, "insightface") from error
    try:
        return getattr(model_zoo, kind)(model_file=str(path), session=session, **options)
    except (AssertionError, IndexError, TypeError) as error:  # of a network with other inputs and outputs
        raise unusable(path, f"not a network of the kind {kind}") from error


def _check_side(path: Path, model: Any, side: int) -> None:
    if model.input_size != (side, side):
        wrong = "x".join(map(str, model.input_size)) or "no side"
        raise unusable(path, f"an input of {wrong}; {side}x{side} is needed")


def _bgr(image: np.ndarray) -> np.ndarray:
    """The image with its channels in the order that the package expects."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
