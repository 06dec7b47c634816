"""What an engine sees of a portrait, for the page to draw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engines import registry
from engines.base import EngineOptions
from media.desk.edit import PortraitEdit
from media.errors import NoFaceError
from studio.decoding import decoding_for
from studio.job import Point
from studio.settings import Settings

SIDE = 192
"""Longest side of the small image, in pixels."""


@dataclass(frozen=True)
class Crop:
    """jpeg: the crop, reduced. corners: its upper left, upper right, lower right and lower left corner, in
    pixels of the upright upload; they may lie outside it.
    """

    jpeg: bytes
    corners: tuple[Point, Point, Point, Point]


def view_crop(
    engine: str,
    source: Path | str,
    options: EngineOptions,
    *,
    face_index: int = 0,
    anchors: tuple[Point, Point, Point] | None = None,
    settings: Settings | None = None,
    edit: PortraitEdit | None = None,
) -> Crop | None:
    """The part of a portrait that an engine's networks receive. edit: what is changed first.

    None for an engine that sees the whole portrait, and if the crop is known only when the job runs: for an
    animal without points, and a face that cannot be animated. Raises PortraitError for an unusable image.
    """
    viewer = registry.crop_viewer(engine)
    if viewer is None:
        return None
    from media.anchors import Anchors
    from media.portrait import open_portrait  # late: imports the face detector
    from media.thumbnail import small_jpeg

    settings = settings or Settings()
    try:
        portrait = open_portrait(
            source,
            subject=options.animation_mode,
            face_index=face_index,
            anchors=Anchors(*anchors) if anchors else None,
            max_side=settings.max_side,
            face_needed=options.needs_face,
            decoding=decoding_for(settings),
            edit=edit,
        )
        seen = viewer(portrait, options)
    except NoFaceError:
        return None
    if seen is None:
        return None
    upper_left, upper_right, lower_right, lower_left = (
        portrait.placement.to_upload(x, y) for x, y in seen.corners
    )
    return Crop(small_jpeg(seen.image, SIDE), (upper_left, upper_right, lower_right, lower_left))
