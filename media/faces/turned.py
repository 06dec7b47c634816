"""Finds faces that are upside down.

MediaPipe's mesh is right for faces turned by up to 90 degrees. Beyond that, the detectors find something on
the forehead, and the mesh puts a whole face there with a good score. The score still distinguishes them: on
people, drawings and paintings at every 15 degrees, wrong meshes scored up to 0.80, while in one of the four
orientations of the image the right one scored at least 0.84.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from media.faces.face import Face, FaceDetector
from media.faces.views import crop_square
from media.placement import Placement, turn

SCORE = 0.8
"""Lowest score of a face in the turned image."""
BETTER = 0.05
"""How much it has to exceed the best score of the unturned image."""
AGREEING = 0.4
"""Mean distance of landmarks, in distances between the eyes, of two detections of one face. Measured: at most
0.28 for right ones, at least 0.6 for wrong ones.
"""
LYING = 100.0
"""Largest rotation in degrees of a face in an image that stays unturned."""
ON_ITS_SIDE = 60.0
"""Rotation in degrees from which a face lies on its side, so that a quarter turn makes it more upright."""
UPRIGHT = 1.6
"""The examined region of a face turned upright: sides of its box on each side of its centre."""
AROUND = 1.4
"""The region of one face alone: sides of its box on each side of its centre."""

Trusted = Callable[[np.ndarray, list[Face]], list[Face]]
_OUTER_CORNERS = (33, 263)


def look_turned(
    detector: FaceDetector,
    image: np.ndarray,
    faces: Sequence[Face],
    *,
    least: float = SCORE,
    better: float = BETTER,
    trusted: Trusted = lambda image, faces: faces,
) -> tuple[int, list[Face]]:
    """How to turn an (H, W, 3) uint8 image so that its face can be tracked.

    faces: those of the unturned image. least, better: as SCORE and BETTER. trusted: keeps the trustworthy
    faces of an image.

    Returns quarter turns counter-clockwise, and the faces of the turned image, in its pixels, largest first.
    Returns 0 turns and the given faces if nothing better is found. An image whose best face lies on its side
    at most also stays unturned, with the faces as they were found upright.
    """
    asked = max(least, max((face.score for face in faces), default=0.0) + better)
    best: tuple[float, int, list[Face]] = (0.0, 0, [])
    for turns in (2, 1, 3):
        turned = turn(image, turns)
        found = trusted(turned, detector.detect(turned, depth="margins"))
        score = max((face.score for face in found), default=0.0)
        if score >= asked and score > best[0]:
            best = (score, turns, found)
    _, turns, found = best
    if not found:
        return 0, list(faces)
    seen = [turned_face(face, image.shape, turns, 0) for face in found]
    roll = roll_of(max(seen, key=lambda face: face.score))
    if abs(roll) <= LYING:
        others = [face for face in faces if all(apart(face, one) >= AGREEING for one in seen)]
        sure = [face for face in others if face.score >= least]
        return 0, sorted(seen + sure, key=lambda face: -face.area)
    upright = round(roll / 90) % 4
    return upright, [turned_face(face, image.shape, 0, upright) for face in seen]


def upright_turn(roll: float) -> int:
    """Degrees clockwise, a multiple of 90, that make a face upright; 0 if it is nearly so. roll: its rotation
    clockwise in degrees.
    """
    return round(-roll / 90) * 90 % 360 if abs(roll) >= ON_ITS_SIDE else 0


def is_upside_down(detector: FaceDetector, image: np.ndarray, face: Face) -> bool:
    """Whether one face of an (H, W, 3) uint8 image, examined alone, is detected better upside down."""
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    reach = AROUND * max(face.box[2] - face.box[0], face.box[3] - face.box[1])
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    part = np.ascontiguousarray(image[top : round(y + reach), left : round(x + reach)])
    return look_turned(detector, part, [face.moved(-left, -top)])[0] != 0


def turned_face(face: Face, shape: tuple[int, ...], before: int, after: int) -> Face:
    """A face of an (H, W, ...) image turned by `before` quarters, in the image turned by `after`."""
    size = (shape[1], shape[0])
    source, target = (Placement(size, size, turns=turns) for turns in (before, after))
    points = np.array([target.from_upload(*source.to_upload(x, y)) for x, y in face.landmarks[:, :2]])
    landmarks = np.column_stack([points, face.landmarks[:, 2]]).astype(np.float32)
    (ax, ay), (bx, by) = (target.from_upload(*source.to_upload(*p)) for p in (face.box[:2], face.box[2:]))
    return Face(landmarks, (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)), face.score)


def turned_upright(image: np.ndarray, face: Face) -> tuple[np.ndarray, Face]:
    """A square of an (H, W, 3) uint8 image, turned so that a face is upright in it, and that face."""
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    half = round(UPRIGHT * max(face.box[2] - face.box[0], face.box[3] - face.box[1]))
    roll = math.radians(roll_of(face))
    cos, sin = math.cos(roll), math.sin(roll)
    places = (cos, -sin, x - half * (cos - sin), sin, cos, y - half * (sin + cos))
    square, left, top = crop_square(image, (x, y), 3 * half)  # its border pixels are repeated outwards
    places = (*places[:2], places[2] - left, *places[3:5], places[5] - top)
    upright = Image.fromarray(square).transform(
        (2 * half, 2 * half), Image.Transform.AFFINE, places, Image.Resampling.BICUBIC
    )
    back = np.array([[cos, -sin], [sin, cos]])
    points = (face.landmarks[:, :2] - (x, y)) @ back + half
    landmarks = np.column_stack([points, face.landmarks[:, 2]]).astype(np.float32)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return np.asarray(upright), Face(landmarks, (float(x0), float(y0), float(x1), float(y1)), face.score)


def roll_of(face: Face) -> float:
    """Rotation of a face in degrees clockwise, -180 to 180."""
    right, left = (face.landmarks[corner] for corner in _OUTER_CORNERS)
    return math.degrees(math.atan2(float(left[1] - right[1]), float(left[0] - right[0])))


def apart(a: Face, b: Face) -> float:
    """Mean distance of two faces' landmarks, in the second one's distance between the eyes."""
    right, left = (b.landmarks[corner, :2] for corner in _OUTER_CORNERS)
    eyes = float(np.linalg.norm(left - right))
    return float(np.linalg.norm(a.landmarks[:, :2] - b.landmarks[:, :2], axis=1).mean()) / max(eyes, 1e-6)
