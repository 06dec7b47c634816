"""What the program finds in a portrait: its faces, and the one it would animate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engines.base import AnimationMode
from media.desk.edit import PortraitEdit
from media.desk.finding import Finding
from media.errors import NoFaceError
from studio.animal_advice import animal_advice
from studio.decoding import decoding_for
from studio.job import Point
from studio.settings import Settings

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class PortraitView:
    """A portrait as a page or a shell can draw it, without its pixels.

    width, height: of the upright upload. boxes: (x0, y0, x1, y1) in its pixels, largest face first; empty if
    no face was found. chosen: the number of the face to animate. needs_points: whether the user has to set
    an animal's three points, because its face was not found reliably. notes: sentences for the user.
    proposals: places of the three points, likeliest first, of which the user may accept one then.
    may_be_animal: whether a portrait in human mode seems to show an animal. turn: degrees clockwise that make
    a face upright that lies on its side. quality: what the quality light shows. kept: the part that an edit
    keeps, in pixels of the upload, which may reach beyond it. jpeg: the edited portrait, reduced; empty
    without an edit.
    """

    width: float
    height: float
    boxes: tuple[Box, ...]
    chosen: int
    needs_points: bool
    notes: tuple[str, ...]
    proposals: tuple[tuple[Point, Point, Point], ...] = ()
    may_be_animal: bool = False
    turn: int = 0
    quality: tuple[Finding, ...] = ()
    kept: Box | None = None
    jpeg: bytes = b""


SIDE = 320
"""Longest side of the small image of an edited portrait, in pixels."""


def view_portrait(
    source: Path | str,
    *,
    subject: AnimationMode = "human",
    face_index: int = 0,
    anchors: tuple[Point, Point, Point] | None = None,
    face_needed: bool = True,
    engine: str = "",
    settings: Settings | None = None,
    edit: PortraitEdit | None = None,
) -> PortraitView:
    """Examine a portrait as a job would.

    engine: decides the advice in notes; "" if none is chosen yet. edit: what to change first.

    Raises PortraitError for an unusable image, and NoFaceError if a human face is needed and there is none. A
    missing animal face is not an error, because the user can set points, nor is a missing face if face_needed
    is False.
    """
    from media.anchors import Anchors, points_in_upload
    from media.desk.quality import judge  # late, as below: imports the face detector
    from media.portrait import open_portrait
    from media.thumbnail import small_jpeg

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
            edit=edit,
        )
    except NoFaceError as error:
        if subject != "animal":
            raise
        return PortraitView(0, 0, (), 0, True, (str(error),), error.proposals)
    width, height = portrait.placement.upload_size
    edited = edit is not None and not edit.plain
    whole = (0.0, 0.0, float(portrait.width), float(portrait.height))
    return PortraitView(
        width=width,
        height=height,
        boxes=tuple(portrait.placement.box_to_upload(face.box) for face in portrait.faces),
        chosen=portrait.face_index,
        needs_points=subject == "animal" and not portrait.faces and portrait.points is None,
        notes=portrait.notes,
        proposals=tuple(points_in_upload(one, portrait.placement) for one in portrait.proposals),
        may_be_animal=portrait.may_be_animal,
        turn=portrait.upright_turn,
        quality=tuple(judge(portrait.image, portrait.faces, portrait.face_index, subject)),
        kept=portrait.placement.box_to_upload(whole) if edited else None,
        jpeg=small_jpeg(portrait.image, SIDE) if edited else b"",
    )
