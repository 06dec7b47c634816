"""What a portrait looks like to the machine: the faces it sees and the one it would animate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engines.base import AnimationMode
from media.errors import NoFaceError
from studio.animal_advice import animal_advice
from studio.decoding import decoding_for
from studio.job import Point
from studio.settings import Settings

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PortraitView:
    """A portrait as a page or a shell can draw it, without its pixels.

    width and height are those of the upright upload; boxes are (x0, y0, x1, y1) in its pixels, largest
    face first, and empty when no face was found; chosen is the number of the face that would be
    animated. needs_points is true for an animal whose face was not found with certainty: the three
    points have to be set by hand. notes are sentences for the user.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    chosen: int
    needs_points: bool
    notes: tuple[str, ...]


def view_portrait(
    source: Path | str,
    *,
    subject: AnimationMode = "human",
    face_index: int = 0,
    anchors: tuple[Point, Point, Point] | None = None,
    face_needed: bool = True,
    engine: str = "",
    settings: Settings | None = None,
) -> PortraitView:
    """Look at a portrait the way a job would.

    engine: decides what the notes advise; "" where none is chosen yet.

    Raises PortraitError for an unusable image, and NoFaceError if a human face is needed and there is none.
    A missing animal is not an error here, because points can still be set, nor is a missing face where
    face_needed is False.
    """
    from media.portrait import Anchors, open_portrait  # late: brings the face detector along

    settings = settings or Settings()
    try:
        portrait = open_portrait(
            source,
            subject=subject,
            face_index=face_index,
            anchors=Anchors(*anchors) if anchors else None,
            max_side=settings.max_side,
            face_needed=face_needed,
            animal_advice=animal_advice(engine),
            decoding=decoding_for(settings),
        )
    except NoFaceError as error:
        if subject != "animal":
            raise
        return PortraitView(0, 0, (), 0, True, (str(error),))
    width, height = portrait.placement.upload_size
    return PortraitView(
        width=width,
        height=height,
        boxes=tuple(portrait.placement.box_to_upload(face.box) for face in portrait.faces),
        chosen=portrait.face_index,
        needs_points=False,
        notes=portrait.notes,
    )
