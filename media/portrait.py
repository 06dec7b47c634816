"""A portrait: upright pixels, the faces in them, and the one to animate."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from media.decoding.decoding import DIRECT, Decoding
from media.errors import PortraitError
from media.faces import Face, FaceDetector, default_detector
from media.faces.covered import mouth_is_covered
from media.faces.turned import LYING
from media.messages import advised, said
from media.picture import Picture, PictureSource
from media.placement import Placement, Point
from media.portrait_search import (
    LEAST_FACE,
    LOW_SCORE,
    check_upright,
    find_animals,
    find_people,
    side_of,
)

Subject = Literal["human", "animal"]

LEAST_EYES = 4.0
"""Smallest distance of an animal's eyes, in pixels of the portrait."""


class Anchors(NamedTuple):
    """Three points on an animal's face: the left eye as seen in the upright image, the other eye,
    the mouth.
    """

    left_eye: Point
    right_eye: Point
    mouth: Point


@dataclass(frozen=True, eq=False)
class Portrait:
    """An image ready to be animated.

    image: (H, W, 3) uint8 RGB, read-only; H and W even, the longest side at most max_side.
    faces: largest first, in image pixels; empty only for an animal with anchors, and if no face is needed.
    face_index: the chosen face.
    anchors: the user's three points, in image pixels.
    placement: where its pixels are in the upright upload.
    sha256: of the pixels and their size.
    notes: sentences for the user.
    """

    image: np.ndarray
    faces: tuple[Face, ...]
    face_index: int
    subject: Subject
    anchors: Anchors | None
    placement: Placement
    sha256: str
    notes: tuple[str, ...]

    @property
    def face(self) -> Face | None:
        """The chosen face; None if only anchors are known."""
        return self.faces[self.face_index] if self.faces else None

    @property
    def scale(self) -> float:
        """Image pixels per pixel of the upright upload."""
        return self.placement.scale

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
    animal_advice: str = "",
) -> Portrait:
    """Open a portrait and find the faces in it.

    An image whose face is upside down is turned, and a face that would be lost when a large image is reduced
    is cropped with head and shoulders; notes say so.

    source: a file, its bytes, a Pillow image, or an array (H, W), (H, W, 3) or (H, W, 4).
    face_index: 0 is the largest face.
    anchors: in pixels of the upright upload; used for animals whose face is not found.
    face_needed: False accepts an image without face and anchors, for an engine that searches itself or
    animates images without a face.
    decoding: where the image is decoded; an untrusted one belongs in a separate process.
    animal_advice: a sentence that says what to do if the portrait shows an animal; added to messages where
    that is possible.
    Raises PortraitError for an unusable image or a face_index out of range, NoFaceError if there is no
    reliable face.
    """
    detector = detector or default_detector()
    picture = decoding.open_picture(source, max_side)
    points = None if anchors is None else _ordered(anchors, picture)
    if subject == "animal":
        search = find_animals(
            detector, picture, None if points is None else _upside_down(points), face_needed
        )
    else:
        search = find_people(
            detector,
            lambda side: decoding.open_picture(source, side),
            max_side,
            face_needed,
            picture,
            animal_advice,
        )
    faces, notes = search.faces, search.notes
    if faces and not 0 <= face_index < len(faces):
        raise PortraitError(
            "There is no face number {number}: {count} found, numbered from 0 (the largest) to {last}.",
            number=face_index,
            count=len(faces),
            last=len(faces) - 1,
        )
    if subject == "human" and faces:
        check_upright(detector, search, face_index)
        notes += _doubts(search.image, faces[face_index], animal_advice)
    if len(faces) > 1:
        notes.append(
            said(
                "{count} faces were found. Number {number} is animated (0 is the largest).",
                count=len(faces),
                number=face_index,
            )
        )
    return Portrait(
        image=search.image,
        faces=tuple(faces),
        face_index=face_index if faces else 0,
        subject=subject,
        anchors=None if points is None else Anchors(*(search.placement.from_upload(*one) for one in points)),
        placement=search.placement,
        sha256=_digest(search.image),
        notes=tuple(notes),
    )


def _doubts(image: np.ndarray, face: Face, animal_advice: str) -> list[str]:
    """Possible problems with a face, as notes."""
    notes: list[str] = []
    if face.score < LOW_SCORE:
        notes.append(
            advised(
                said(
                    "The face has a low score ({score:.2f}; people have at least {least}).",
                    score=face.score,
                    least=LOW_SCORE,
                ),
                animal_advice,
            )
        )
    if mouth_is_covered(image, face):
        notes.append(
            "The mouth seems to be covered. A mouth will be drawn on top of the cover. Use a portrait "
            "that shows the lips."
        )
    if side_of(face) < LEAST_FACE:
        notes.append(
            said(
                "The face has only {side:.0f} pixels in the video, so its mouth will hardly be visible. "
                "Crop the portrait around the face.",
                side=side_of(face),
            )
        )
    return notes


def _ordered(anchors: Anchors | tuple[Point, Point, Point], picture: Picture) -> tuple[Point, Point, Point]:
    """The user's points, in pixels of the upload, with the eyes in the order of an upright animal."""
    points, size = [(float(x), float(y)) for x, y in anchors], picture.upload_size
    if len(points) != 3:
        raise PortraitError(
            "Three points are needed (left eye, right eye, mouth), not {count}.", count=len(points)
        )
    for (x, y), name in zip(points, ("left eye", "right eye", "mouth"), strict=True):
        if not (0 <= x <= size[0] and 0 <= y <= size[1]):  # also false for NaN
            raise PortraitError(
                "The point for the {name} ({x:g},{y:g}) lies outside the portrait of {width}x{height} "
                "pixels.",
                name=name,
                x=x,
                y=y,
                width=size[0],
                height=size[1],
            )
    left, right, mouth = points
    distance = math.dist(left, right) * picture.scale
    if distance < LEAST_EYES:
        raise PortraitError(
            "The two eyes are {distance:.1f} pixels apart; set one point on each eye.", distance=distance
        )
    across = right[0] - left[0], right[1] - left[1]
    down = mouth[0] - (left[0] + right[0]) / 2, mouth[1] - (left[1] + right[1]) / 2
    if across[0] * down[1] < across[1] * down[0]:
        left, right = right, left
    return left, right, mouth


def _upside_down(points: tuple[Point, Point, Point]) -> bool:
    """Whether the animal is turned by clearly more than 90 degrees, according to the order of its eyes."""
    left, right, _ = points
    return abs(math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))) > LYING


def _digest(image: np.ndarray) -> str:
    digest = hashlib.sha256(f"{image.shape[1]}x{image.shape[0]}".encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()
