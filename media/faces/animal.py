"""Decides which faces that a detector for people finds on an animal can be trusted.

The mesh network was trained on people. On many animals it fits well; on others it lies on one eye, on the
forehead or on the fur, and a video made from that is a horror. So a face has to pass checks on the image
itself: both eyes dark, the two halves alike, the parts in plausible places, and a cat's head, if OpenCV's
cascade finds one, in the same place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from media.faces.face import Face, FaceDetector
from media.faces.mediapipe_runtime import explain_import_error
from media.faces.turned import AGREEING, apart, turned_upright

LOWEST_SCORE = 0.3
EYE_CONTRAST = 0.1
"""How much darker an eye is than its surroundings, as a fraction of the full range."""
SYMMETRY = 0.35
"""Correlation of one half of the face with the other, mirrored."""
SURE_SCORE = 0.75
"""A face with this score needs no cat's head to confirm it."""
HUMAN_SCORE = 0.88
"""Above all scores measured on animals; a statue's eyes need not be dark."""

_IRISES = (468, 473)
_EYE_CORNERS = ((33, 133), (362, 263))
_INNER_LIPS = (13, 14)
_CASCADE_SIDE = 400
_CASCADE_PAD = 120

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Plausibility:
    """The measurements of one face; larger is better."""

    darkness: float  # of the lighter eye
    symmetry: float
    proportion: float  # 1 if eyes and mouth form a usual triangle, 0 if they cannot

    @property
    def passed(self) -> bool:
        """Whether the image agrees with the mesh."""
        return self.darkness >= EYE_CONTRAST and self.symmetry >= SYMMETRY and self.proportion > 0


def plausible_faces(image: np.ndarray, faces: list[Face]) -> list[Face]:
    """The faces of an (H, W, 3) uint8 image that fit an animal's face, in the given order."""
    grey = _brightness(image)
    passed = [face for face in faces if face.score >= HUMAN_SCORE or measure(grey, face).passed]
    if not passed:
        return []
    heads = cat_heads(grey)
    if not heads:
        return passed
    return [f for f in passed if f.score >= SURE_SCORE or any(_same_head(f, head) for head in heads)]


def trusted_faces(detector: FaceDetector, image: np.ndarray, faces: list[Face]) -> list[Face]:
    """Those of `plausible_faces` that are certainly a face, or still one when examined upright.

    On a cat that lies on its side or is upside down, the network puts a mesh on anything that resembles a
    face in that orientation, and on nothing when the image is turned.
    """
    passed = plausible_faces(image, faces)
    return [face for face in passed if face.score >= SURE_SCORE or _stands(detector, image, face)]


def _stands(detector: FaceDetector, image: np.ndarray, face: Face) -> bool:
    """Whether a cat's head or the same plausible face is found after turning the face upright."""
    upright, seen = turned_upright(image, face)
    if any(_same_head(seen, head) for head in cat_heads(_brightness(upright))):
        return True
    again = plausible_faces(upright, detector.detect(upright, LOWEST_SCORE, depth="margins"))
    return any(apart(one, seen) < AGREEING for one in again)


def measure(grey: np.ndarray, face: Face) -> Plausibility:
    """Measure a face in (H, W) brightness, 0..255."""
    points = face.landmarks[:, :2]
    eyes = points[list(_IRISES)]
    mouth = points[list(_INNER_LIPS)].mean(axis=0)
    darkness = min(
        _eye_darkness(grey, eyes[i], float(np.linalg.norm(points[a] - points[b])))
        for i, (a, b) in enumerate(_EYE_CORNERS)
    )
    return Plausibility(darkness, _symmetry(grey, eyes, mouth), _proportion(eyes, mouth))


def _brightness(image: np.ndarray) -> np.ndarray:
    grey: np.ndarray = image @ np.array([0.299, 0.587, 0.114], np.float32)
    return grey


def _eye_darkness(grey: np.ndarray, centre: np.ndarray, width: float) -> float:
    angles = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    inner = np.concatenate([centre + circle * width * r for r in (0.0, 0.1, 0.2)])
    around = np.concatenate([centre + circle * width * r for r in (0.9, 1.1)])
    return float(np.median(_at(grey, around)) - np.median(_at(grey, inner))) / 255


def _symmetry(grey: np.ndarray, eyes: np.ndarray, mouth: np.ndarray) -> float:
    middle = eyes.mean(axis=0)
    across, down = (eyes[1] - eyes[0]) / 2, mouth - middle
    a, b = np.meshgrid(np.linspace(0.1, 1.7, 24), np.linspace(-0.5, 1.3, 32))
    base = middle + b[..., None] * down
    left, right = _at(grey, base - a[..., None] * across), _at(grey, base + a[..., None] * across)
    left, right = left - left.mean(), right - right.mean()
    power = math.sqrt(float((left**2).sum()) * float((right**2).sum()))
    return float((left * right).sum()) / power if power > 1 else 0.0


def _proportion(eyes: np.ndarray, mouth: np.ndarray) -> float:
    """A score for two eyes with the mouth below them, near the middle between them."""
    across, down = eyes[1] - eyes[0], mouth - eyes.mean(axis=0)
    distance = float(np.linalg.norm(across))
    if distance < 4:
        return 0.0
    along = abs(float(across @ down)) / distance**2
    height = float(across[0] * down[1] - across[1] * down[0]) / distance**2
    return 1.0 if 0.4 <= height <= 2.5 and along <= 0.6 * height else 0.0


def _at(grey: np.ndarray, points: np.ndarray) -> np.ndarray:
    columns = np.clip(np.rint(points[..., 0]).astype(int), 0, grey.shape[1] - 1)
    rows = np.clip(np.rint(points[..., 1]).astype(int), 0, grey.shape[0] - 1)
    return grey[rows, columns]


def _same_head(face: Face, head: Box) -> bool:
    """Whether the face lies in the head and fills a fair part of it."""
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    size = math.sqrt(face.area) / (head[2] - head[0])
    return head[0] < x < head[2] and head[1] < y < head[3] and 0.45 <= size <= 1.6


def cat_heads(grey: np.ndarray) -> list[Box]:
    """Heads that OpenCV's bundled cat cascade finds in (H, W) brightness, in its pixels."""
    ratio = min(1.0, _CASCADE_SIDE / max(grey.shape))
    size = (round(grey.shape[1] * ratio), round(grey.shape[0] * ratio))
    whole = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))
    small = np.asarray(whole.resize(size, Image.Resampling.BOX))
    padded = np.pad(small, _CASCADE_PAD, mode="edge")  # otherwise a head that fills the image has no border
    least = max(48, round(0.3 * min(small.shape)))  # small boxes are noses and eyes, not heads
    found = _cascade().detectMultiScale(padded, scaleFactor=1.02, minNeighbors=3, minSize=(least, least))
    return [
        tuple((float(v) - _CASCADE_PAD) / ratio for v in (x, y, x + w, y + h))  # type: ignore[misc]
        for x, y, w, h in found
    ]


@cache
def _cascade() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise explain_import_error(error) from error
    folder = Path(cv2.__file__).parent / "data"
    return cv2.CascadeClassifier(str(folder / "haarcascade_frontalcatface.xml"))
