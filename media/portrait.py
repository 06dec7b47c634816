"""A portrait: upright pixels, the faces in them, and the one that shall talk."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from media.decoding.decoding import DIRECT, Decoding
from media.errors import NoFaceError, PortraitError
from media.faces import Face, FaceDetector, default_detector
from media.picture import PictureSource

Subject = Literal["human", "animal"]
LOW_SCORE = 0.85
"""Below it a face found in human mode may be an animal's: those were measured at 0.54-0.81."""

Point = tuple[float, float]


class Anchors(NamedTuple):
    """Three points on an animal's face: the eye on the picture's left side, the other eye, the mouth."""

    left_eye: Point
    right_eye: Point
    mouth: Point


@dataclass(frozen=True, eq=False)
class Portrait:
    """A picture ready to be animated.

    image: (H, W, 3) uint8 RGB, read-only; H and W even, the longest side at most max_side.
    faces: largest first, in image pixels; empty only for an animal with anchors, and where none is needed.
    face_index: the chosen face.
    anchors: the user's three points, in image pixels.
    scale: image pixels per pixel of the upright upload.
    sha256: of the pixels and their size.
    notes: sentences for the user.
    """

    image: np.ndarray
    faces: tuple[Face, ...]
    face_index: int
    subject: Subject
    anchors: Anchors | None
    scale: float
    sha256: str
    notes: tuple[str, ...]

    @property
    def face(self) -> Face | None:
        """The chosen face; None when only anchors are known."""
        return self.faces[self.face_index] if self.faces else None

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.image.shape[0])


def open_portrait(
    source: PictureSource,
    *,
    subject: Subject = "human",
    face_index: int = 0,
    anchors: Anchors | tuple[Point, Point, Point] | None = None,
    max_side: int = 1280,
    face_needed: bool = True,
    detector: FaceDetector | None = None,
    decoding: Decoding = DIRECT,
) -> Portrait:
    """Open a portrait and find the faces in it.

    source: a file, its bytes, a Pillow image, or an array (H, W), (H, W, 3) or (H, W, 4).
    face_index: 0 is the largest face.
    anchors: in pixels of the upright upload; used for animals whose face is not found.
    face_needed: False lets a picture without face and anchors pass, for an engine that looks itself or that
        animates pictures without a face.
    decoding: where the picture is decoded; a stranger's belongs into a process of its own.
    Raises PortraitError for pictures that cannot be used or a face_index out of range, NoFaceError when
    there is no face that can be trusted.
    """
    picture = decoding.open_picture(source, max_side)
    detector = detector or default_detector()
    notes: list[str] = []
    if picture.scale < 1:
        width, height = picture.upload_size
        notes.append(
            f"The portrait was reduced from {width}x{height} to "
            f"{picture.image.shape[1]}x{picture.image.shape[0]} pixels."
        )
    points = None if anchors is None else _anchors_in_image(anchors, picture.scale, picture.image.shape)
    if subject == "animal":
        faces = _animal_faces(detector, picture.image, points is None and face_needed)
    else:
        faces = detector.detect(picture.image)
        if not faces and face_needed:
            raise NoFaceError(
                "No face was found in the portrait; use a picture where the whole face is seen from the "
                "front, or the animal mode if it is an animal."
            )
    if faces and not 0 <= face_index < len(faces):
        raise PortraitError(
            f"There is no face number {face_index}: {len(faces)} found, numbered from 0 (the largest) "
            f"to {len(faces) - 1}."
        )
    if subject == "human" and faces and faces[face_index].score < LOW_SCORE:
        notes.append(
            f"The face was found with a low score ({faces[face_index].score:.2f}, people have "
            f"{LOW_SCORE} and more); if it is an animal, use the animal mode."
        )
    if len(faces) > 1:
        notes.append(f"{len(faces)} faces were found; number {face_index} is animated (0 is the largest).")
    return Portrait(
        image=picture.image,
        faces=tuple(faces),
        face_index=face_index if faces else 0,
        subject=subject,
        anchors=points,
        scale=picture.scale,
        sha256=_digest(picture.image),
        notes=tuple(notes),
    )


def _animal_faces(detector: FaceDetector, image: np.ndarray, needed: bool) -> list[Face]:
    from media.faces.animal import LOWEST_SCORE, plausible_faces  # late: it brings OpenCV with it

    faces = plausible_faces(image, detector.detect(image, LOWEST_SCORE))
    if not faces and needed:
        raise NoFaceError(
            "No animal face was found that can be trusted; click the left eye, the right eye and the mouth "
            "on the portrait, or pass them as --anchors x,y x,y x,y in its pixels."
        )
    return faces


def _anchors_in_image(
    anchors: Anchors | tuple[Point, Point, Point], scale: float, shape: tuple[int, ...]
) -> Anchors:
    """The user's points in image pixels, eyes ordered from left to right."""
    points = [(float(x) * scale, float(y) * scale) for x, y in anchors]
    if len(points) != 3:
        raise PortraitError(f"Three points are needed (left eye, right eye, mouth), not {len(points)}.")
    for (x, y), name in zip(points, ("left eye", "right eye", "mouth"), strict=True):
        if not (0 <= x <= shape[1] and 0 <= y <= shape[0]):  # false for NaN, too
            raise PortraitError(
                f"The point for the {name} ({x / scale:g},{y / scale:g}) lies outside the portrait of "
                f"{shape[1] / scale:.0f}x{shape[0] / scale:.0f} pixels."
            )
    left, right = sorted(points[:2])
    distance = math.dist(left, right)
    if distance < 4:
        raise PortraitError(f"The two eyes are {distance:.1f} pixels apart; set one point on each eye.")
    return Anchors(left, right, points[2])


def _digest(image: np.ndarray) -> str:
    digest = hashlib.sha256(f"{image.shape[1]}x{image.shape[0]}".encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()
