"""Where an animal's three points may be, for a user who says that a found face is wrong."""

from __future__ import annotations

from pathlib import Path

from media.desk.edit import PortraitEdit
from studio.decoding import decoding_for
from studio.job import Point
from studio.settings import Settings


def propose_points(
    source: Path | str, *, settings: Settings | None = None, edit: PortraitEdit | None = None
) -> tuple[tuple[Point, Point, Point], ...]:
    """Left eye, right eye and mouth in pixels of the upright upload, likeliest first.

    edit: what to change about the portrait first. Empty if nothing looks like a face. Raises PortraitError
    for an unusable image.
    """
    from media.portrait import proposed_points  # late: imports the face detector

    settings = settings or Settings()
    return proposed_points(source, max_side=settings.max_side, decoding=decoding_for(settings), edit=edit)
