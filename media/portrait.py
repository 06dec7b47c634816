"""A portrait: upright pixels, the faces in them, and the one to animate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from media.anchors import Anchors, angle_of, are_upside_down, ordered
from media.animal_search import find_animals, likely_animal, other_proposals
from media.decoding.decoding import DIRECT, Decoding
from media.desk.background import with_background
from media.desk.edit import PLAIN, PortraitEdit
from media.desk.frame import edited
from media.desk.head import head_finder
from media.errors import NoFaceError, PortraitError
from media.faces import Face, FaceDetector, default_detector
from media.faces.covered import mouth_is_covered
from media.faces.turned import roll_of, upright_turn
from media.messages import advised, said
from media.picture import Picture, PictureSource
from media.placement import Placement, Point
from media.portrait_search import (
    LEAST_FACE,
    LOW_SCORE,
    OpenAt,
    check_upright,
    find_people,
    side_of,
)

Subject = Literal["human", "animal"]

ANIMAL_SCORE = 0.8
"""Below this score, a face in human mode is probably an animal's: people, also beside their dogs, had
0.82 and more."""
LYING_NOTE = (
    "The face lies on its side. If the portrait itself is sideways, turn it by {turn} degrees clockwise "
    "first."
)


@dataclass(frozen=True, eq=False)
class Portrait:
    """An image ready to be animated.

    image: (H, W, 3) uint8 RGB, read-only; H and W even, the longest side at most max_side.
    faces: largest first, in image pixels; empty only for an animal with anchors, and if no face is needed.
    face_index: the chosen face.
    anchors: the user's three points, in image pixels.
    proposals: places of three points that were found on an animal without face and anchors, in image pixels,
    likeliest first.
    proposal_is_sure: whether the first can be used without asking the user.
    placement: where its pixels are in the upright upload.
    sha256: of the pixels and their size.
    notes: sentences for the user.
    opacity: (H, W) uint8 if the background was made transparent, else None.
    """

    image: np.ndarray
    faces: tuple[Face, ...]
    face_index: int
    subject: Subject
    anchors: Anchors | None
    placement: Placement
    sha256: str
    notes: tuple[str, ...]
    proposals: tuple[Anchors, ...] = ()
    proposal_is_sure: bool = False
    opacity: np.ndarray | None = None

    @property
    def face(self) -> Face | None:
        """The chosen face; None if only anchors are known."""
        return self.faces[self.face_index] if self.faces else None

    @property
    def points(self) -> Anchors | None:
        """The points of an animal that count more than its mesh: the user's, or sure ones."""
        return self.anchors or (self.proposals[0] if self.proposal_is_sure else None)

    @property
    def may_be_animal(self) -> bool:
        """Whether a face in human mode has a score as animals' faces have."""
        return self.subject == "human" and self.face is not None and self.face.score < ANIMAL_SCORE

    @property
    def upright_turn(self) -> int:
        """Degrees clockwise, a multiple of 90, that make a face upright that lies on its side; else 0."""
        points = self.points
        if points is not None:
            return upright_turn(angle_of(points.left_eye, points.right_eye))
        return 0 if self.face is None else upright_turn(roll_of(self.face))

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
    edit: PortraitEdit | None = None,
    two_speak: bool = False,
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
    that is possible. two_speak: two of the faces are animated, so no note says that one is.
    edit: what to change first. Faces are numbered in what it keeps; the upright upload, in whose pixels
    points are given and returned, is the image after its turn.
    Raises PortraitError for an unusable image or a face_index out of range, NoFaceError if there is no
    reliable face.
    """
    detector = detector or default_detector()
    open_at = _opener(source, decoding, edit or PLAIN, detector, anchors)
    picture = open_at(max_side)
    points = None if anchors is None else ordered(anchors, picture)
    if subject == "animal":
        search = find_animals(
            detector, picture, None if points is None else are_upside_down(points), face_needed
        )
    else:
        try:
            search = find_people(
                detector,
                open_at,
                max_side,
                face_needed,
                picture,
                animal_advice,
            )
        except NoFaceError as error:
            if animal_advice:
                error.proposals = likely_animal(picture)
            raise
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
    if len(faces) > 1 and not two_speak:
        notes.append(
            said(
                "{count} faces were found. Number {number} is animated (0 is the largest).",
                count=len(faces),
                number=face_index,
            )
        )
    proposals = search.proposals
    image, opacity = with_background(
        search.image, (edit or PLAIN).background, faces[face_index].box if faces else None
    )
    portrait = Portrait(
        image=image,
        faces=tuple(faces),
        face_index=face_index if faces else 0,
        subject=subject,
        anchors=None if points is None else Anchors(*(search.placement.from_upload(*one) for one in points)),
        placement=search.placement,
        sha256=_digest(image),
        notes=tuple(notes),
        proposals=tuple(Anchors(*one.points) for one in proposals),
        proposal_is_sure=bool(proposals) and proposals[0].sure,
        opacity=opacity,
    )
    if portrait.upright_turn:
        note = said(LYING_NOTE, turn=portrait.upright_turn)
        portrait = replace(portrait, notes=(*portrait.notes, note))
    return portrait


def proposed_points(
    source: PictureSource,
    *,
    max_side: int = 1280,
    decoding: Decoding = DIRECT,
    edit: PortraitEdit | None = None,
) -> tuple[tuple[Point, Point, Point], ...]:
    """Where an animal's three points may be, in pixels of the upright upload, likeliest first, whether a face
    is found or not; each lie elsewhere than those before. Empty if nothing looks like a face.

    source, max_side, decoding, edit: as for `open_portrait`. Raises PortraitError for an unusable image.
    """
    open_at = _opener(source, decoding, edit or PLAIN, default_detector(), None)
    return other_proposals(open_at(max_side))


def _opener(
    source: PictureSource,
    decoding: Decoding,
    edit: PortraitEdit,
    detector: FaceDetector,
    anchors: Anchors | tuple[Point, Point, Point] | None,
) -> OpenAt:
    """Opens the part of an image that an edit keeps."""

    def open_whole(side: int) -> Picture:
        return decoding.open_picture(source, side)

    return open_whole if edit.plain else edited(open_whole, edit, head_finder(detector, anchors))


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


def _digest(image: np.ndarray) -> str:
    digest = hashlib.sha256(f"{image.shape[1]}x{image.shape[0]}".encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()
