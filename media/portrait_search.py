"""Finds a portrait's face that a first search misses: upside down, or small in a large photograph."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from media.errors import NoFaceError, PortraitError
from media.faces import Face, FaceDetector
from media.faces.animal_points import AnimalPoints
from media.faces.distant import SEEN_FACE, SURE, around, look_closely
from media.faces.turned import SCORE, is_upside_down, look_turned
from media.messages import advised, said
from media.picture import MIN_SIDE, Picture
from media.placement import Placement, turn

LOW_SCORE = 0.85
"""Below this score, a face found in human mode may be an animal's, measured at 0.54-0.81, or upside down."""

LARGE_SIDE = 4096
"""Longest side at which a small face is searched, unless the image is long and thin."""
LARGE_AREA = LARGE_SIDE * LARGE_SIDE * 3 // 4
"""Number of pixels at which it is searched in a long and thin image, such as a panorama."""

LEAST_FACE = 48
"""Pixels of a face's longer side below which the mouth is too small to animate: it has 17."""
GOOD_FACE = 100
"""Pixels to which a cropped face is enlarged, at most MOST_ENLARGED times."""
MOST_ENLARGED = 2.0

OpenAt = Callable[[int], Picture]

FACE_NOTE = (
    "The face has only {face_width:.0f}x{face_height:.0f} of {upload_width}x{upload_height} pixels: the "
    "video shows {width}x{height} pixels around it. To show another part, crop the portrait yourself."
)
FACE_ENLARGED_NOTE = (
    "The face has only {face_width:.0f}x{face_height:.0f} of {upload_width}x{upload_height} pixels: the "
    "video shows {width}x{height} pixels around it, enlarged to {video_width}x{video_height}. To show "
    "another part, crop the portrait yourself."
)
TURNED_NOTE = "The portrait was rotated by {turn} degrees clockwise to make the face upright."
NO_FACE = "No face was found in the portrait. Use one that shows the whole face from the front."


@dataclass
class Search:
    """An image to be animated, and what is known about it so far.

    image: (H, W, 3) uint8 RGB, read-only. faces: in its pixels, largest first. proposals: the likeliest
    points of an animal without a reliable face, in its pixels, best first. notes: sentences for the user.
    """

    image: np.ndarray
    placement: Placement
    faces: list[Face] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proposals: tuple[AnimalPoints, ...] = ()

    @classmethod
    def of(cls, picture: Picture) -> Search:
        """The state before any search."""
        search = cls(picture.image, picture.placement, notes=list(picture.notes))
        if picture.scale < 1:
            (width, height), size = picture.part_size, search.placement.size
            search.notes.append(
                said(
                    "The portrait was reduced from {width}x{height} to {new_width}x{new_height} pixels.",
                    width=width,
                    height=height,
                    new_width=size[0],
                    new_height=size[1],
                )
            )
        return search

    def turn(self, turns: int, faces: list[Face]) -> None:
        """Turn the image counter-clockwise by quarters; the faces are those of the turned image."""
        self.image, self.placement = turn(self.image, turns), self.placement.turned(turns)
        self.faces = faces
        self.notes.append(said(TURNED_NOTE, turn=90 * (4 - turns)))


def find_people(
    detector: FaceDetector,
    open_at: OpenAt,
    max_side: int,
    needed: bool,
    picture: Picture,
    animal_advice: str = "",
) -> Search:
    """Find people's faces in an image that was opened with its longest side at most `max_side`.

    open_at: opens it again with another longest side. animal_advice: as for `media.portrait.open_portrait`.

    For a doubtful face, the image is searched in all four orientations. If there is none in a reduced image,
    or a single one that became too small, the image is opened again, larger, and head and shoulders are
    cropped. Raises NoFaceError if there is none, and PortraitError for one that is too small.
    """
    search = Search.of(picture)
    search.faces = detector.detect(search.image)
    if max((face.score for face in search.faces), default=0.0) < LOW_SCORE:
        turns, faces = look_turned(detector, search.image, search.faces)
        if turns and not _one_is_upright(detector, search):
            search.turn(turns, faces)
        elif not turns:
            search.faces = faces
    if not needed or (search.faces and (len(search.faces) > 1 or side_of(search.faces[0]) >= LEAST_FACE)):
        return search
    if picture.scale == 1:
        if not search.faces:
            raise NoFaceError(advised(NO_FACE, animal_advice))
        return search
    try:
        return _look_closer(detector, open_at, max_side, picture, search, animal_advice)
    except PortraitError:
        if not search.faces:
            raise
        return search


def side_of(face: Face) -> float:
    """The longer side of a face's box in pixels."""
    return max(face.box[2] - face.box[0], face.box[3] - face.box[1])


def check_upright(detector: FaceDetector, search: Search, face_index: int) -> None:
    """Refuse a face that is upside down in a picture whose other faces are not. Raises PortraitError."""
    face = search.faces[face_index]
    if face.score >= LOW_SCORE or len(search.faces) == 1:
        return
    if is_upside_down(detector, search.image, face):
        raise PortraitError(
            "Face number {number} is upside down, while another is upright; rotate the portrait, or choose "
            "another face.",
            number=face_index,
        )


def _one_is_upright(detector: FaceDetector, search: Search) -> bool:
    """Whether the face with the best score is right in the unturned image, since another one is
    upside down.
    """
    surest = max(search.faces, key=lambda face: face.score, default=None)
    return surest is not None and surest.score >= SCORE and not is_upside_down(detector, search.image, surest)


def _look_closer(
    detector: FaceDetector,
    open_at: OpenAt,
    max_side: int,
    picture: Picture,
    search: Search,
    animal_advice: str,
) -> Search:
    try:
        large = open_at(max(max_side, large_side(picture.part_size)))
    except PortraitError:  # more pixels than are decoded at this size
        raise NoFaceError(advised(NO_FACE, animal_advice)) from None
    face = look_closely(detector, large.image)
    upload_width, upload_height = large.part_size
    lost = NoFaceError(
        advised(
            said(
                "No face was found in the portrait, even at {width}x{height} pixels; a face below {least} "
                "pixels may be missed. Crop the portrait around the face, or use one that shows the whole "
                "face from the front.",
                width=large.image.shape[1],
                height=large.image.shape[0],
                least=SEEN_FACE,
            ),
            animal_advice,
        )
    )
    if face is None:
        raise lost
    width, height, side = face.box[2] - face.box[0], face.box[3] - face.box[1], side_of(face)
    if side < LEAST_FACE:
        raise PortraitError(
            "The face in the portrait is too small: it has {width:.0f}x{height:.0f} of "
            "{upload_width}x{upload_height} pixels, and at least {least:.0f} are needed. Use a portrait "
            "that shows it larger.",
            width=width / large.scale,
            height=height / large.scale,
            upload_width=upload_width,
            upload_height=upload_height,
            least=LEAST_FACE / large.scale,
        )
    left, top, right, bottom = around(face, large.image.shape)
    part = large.image[top:bottom, left:right]
    factor = min(max(1.0, min(MOST_ENLARGED, GOOD_FACE / side)), max_side / max(part.shape))
    size = (round(part.shape[1] * factor) // 2 * 2, round(part.shape[0] * factor) // 2 * 2)
    if min(size) < MIN_SIDE:
        raise lost
    pixels = np.array(Image.fromarray(part).resize(size, Image.Resampling.LANCZOS))
    pixels.flags.writeable = False
    faces = detector.detect(pixels)
    if max((one.score for one in faces), default=0.0) < SURE:
        raise lost
    at_left, at_top = large.placement.to_upload(left, top)
    placement = Placement(large.upload_size, size, large.scale * factor, at_left, at_top)
    notes = [note for note in search.notes if not note.startswith("The portrait was reduced")]
    notes.append(
        said(
            FACE_ENLARGED_NOTE if factor > 1 else FACE_NOTE,
            face_width=width / large.scale,
            face_height=height / large.scale,
            upload_width=upload_width,
            upload_height=upload_height,
            width=round((right - left) / large.scale),
            height=round((bottom - top) / large.scale),
            video_width=size[0],
            video_height=size[1],
        )
    )
    return Search(pixels, placement, faces, notes)


def large_side(size: tuple[int, int]) -> int:
    """Longest side at which a small face is searched in an image of this width and height."""
    return max(LARGE_SIDE, math.floor(max(size) * math.sqrt(LARGE_AREA / (size[0] * size[1]))))
