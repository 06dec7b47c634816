"""Tells the face of an animal from a person's, for faces that a detector for people found."""

from __future__ import annotations

import numpy as np

from media.faces.animal_points import propose_points
from media.faces.face import Face, FaceDetector
from media.faces.views import crop_square

AROUND, SIDE = (3.4, 2.0, 2.6), 512
"""The views of a face: its sides, and pixels. In a video, a score also depends on the size of the face."""
PERSON = 0.82
"""Best score in these views from which a face is a person's: photographs, paintings, drawings and statues
have it, also dark, blurred, small and turned ones; a drawn dog, an alpaca and a cat reached 0.81.
"""
ANIMAL, USUALLY = 0.75, 0.68
"""Best score, and median, below which it is an animal's. People have 0.79 and 0.74 or more."""
LIKELY = 3.2
"""Score of an animal's points from which a face between both is an animal's: people there reach 2.1."""


def is_animal(detector: FaceDetector, picture: np.ndarray, landmarks: np.ndarray) -> bool:
    """Whether a face is an animal's. Takes a few detections, and a second or two if they leave a doubt.

    picture: (H, W, 3) uint8 RGB. landmarks: (478, 3) pixels, of the mesh for people that lies on the face.
    """
    low, high = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
    scores: list[float] = []
    for around in AROUND:
        view, middle = _view(picture, (low + high) / 2, around * float((high - low).max()))
        scores += [face.score for face in detector.detect(view, depth="whole") if _holds(face, middle)][:1]
        if scores and scores[-1] >= PERSON:
            return False
    if not scores or max(scores) < ANIMAL or float(np.median(scores)) < USUALLY:
        return True
    likely = propose_points(view, most=1)
    return bool(likely) and likely[0].score >= LIKELY


def _view(picture: np.ndarray, middle: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray]:
    """The square around a point, (SIDE, SIDE, 3), and the point in it."""
    import cv2

    square, left, top = crop_square(picture, (float(middle[0]), float(middle[1])), side)
    method = cv2.INTER_AREA if len(square) > SIDE else cv2.INTER_CUBIC
    place = (middle - (left, top)) * (SIDE / len(square))
    return cv2.resize(square, (SIDE, SIDE), interpolation=method), place


def _holds(face: Face, point: np.ndarray) -> bool:
    x0, y0, x1, y1 = face.box
    return bool(x0 <= point[0] <= x1 and y0 <= point[1] <= y1)
