"""The desk below the portrait: a quality light with what to do, and crop, turn, shape and background."""

from __future__ import annotations

import base64
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from media.desk.edit import BLUR, ORIGINAL, PLAIN, SHAPES, Box, PortraitEdit
from media.desk.finding import worst
from media.errors import OptionError
from media.messages import said
from studio.portrait_shape import shaped
from studio.settings import Settings
from studio.turned_copy import TurnedPortrait, turned_copy
from ui.components.filled import filled
from ui.components.portrait_picker import Picked

LIGHTS = {"good": "Good portrait", "fair": "Usable portrait", "poor": "Poor portrait"}
"""The words of the light, for those who do not see its colour."""
GREEN = "#00b140"
"""The colour that is offered first: video editors remove it."""
_SHAPE_NAMES = {ORIGINAL: "As it is"}


def desk_html(picked: Picked | None) -> str:
    """The light and the controls; empty without a portrait."""
    if picked is None:
        return ""
    edit = picked.edit
    colour = edit.background if edit.background.startswith("#") else ""
    todo = sum(one.level != "good" for one in picked.quality)
    light = worst(picked.quality)
    return filled(
        "desk.html",
        light=light,
        words=LIGHTS[light],
        todo=said("{count} to improve", count=todo) if todo else "",
        findings=picked.quality,
        turn=bool(picked.turn) and not picked.problem,
        shapes=[(name, _SHAPE_NAMES.get(name, name), name == edit.shape) for name in SHAPES],
        grounds=[
            (ORIGINAL, "As it is", edit.background == ORIGINAL),
            (BLUR, "Blurred", edit.background == BLUR),
        ],
        colour=colour or GREEN,
        coloured=bool(colour),
        edited=not edit.plain,
        picture=base64.b64encode(picked.jpeg).decode("ascii"),
    )


def edited_by(picked: Picked, what: Any, value: Any) -> PortraitEdit | None:
    """The changes after an action of the desk; None for anything that is not one."""
    try:
        if what == "crop":
            x0, y0, x1, y1 = (float(part) for part in value)
            return replace(picked.edit, crop=(x0, y0, x1, y1))
        if what == "shape" and value in SHAPES:
            face = None if picked.anchors_for(picked.subject) else picked.chosen_box
            return shaped(picked.edit, value, picked.size, face)  # without a face, the job uses the points
        if what == "background" and isinstance(value, str):
            made = replace(picked.edit, background=value)
            return None if made.transparent else made
        return PLAIN if what == "reset" else None
    except (OptionError, TypeError, ValueError):
        return None


def turned(picked: Picked, settings: Settings) -> Picked:
    """The choice on a copy turned by what the face needs, or else by a quarter; face, points and crop follow.

    Raises PortraitError and OutputError.
    """
    before = picked.turned
    original = before.original if before else Path(picked.portrait)
    degrees = ((before.degrees if before else 0) + (picked.turn or 90)) % 360
    copy = turned_copy(original, degrees, settings)
    points = tuple(copy.from_before(point, before) for point in picked.points)
    crop, near, sideways = picked.edit.crop, picked.chosen_box, (picked.turn or 90) % 180 != 0
    if near is not None:
        near = _follows(near, copy, before)
    if crop is not None:
        x0, y0, x1, y1 = _follows(crop, copy, before)
        crop = (max(0.0, x0), max(0.0, y0), x1, y1)
    edit = replace(picked.edit, crop=crop)
    if sideways and edit.shape != "1:1":
        edit = replace(edit, shape=ORIGINAL)  # a vertical part is a horizontal one now
    # The numbers of the faces may differ, so the chosen one is found again by its place.
    return Picked(str(copy.path), picked.subject, points=points, edit=edit, near=near, turned=copy)


def _follows(box: Box, copy: TurnedPortrait, before: TurnedPortrait | None) -> Box:
    """A box in pixels of an earlier copy, or of the original for None, in pixels of the turned copy."""
    corners = [copy.from_before(corner, before) for corner in (box[:2], box[2:])]
    (x0, x1), (y0, y1) = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    return x0, y0, x1, y1


def nearest_face(picked: Picked) -> int:
    """The number of the found face that was chosen before an edit, by its place; 0 without one."""
    if picked.near is None or not picked.boxes:
        return 0
    x, y = _centre(picked.near)
    return min(range(len(picked.boxes)), key=lambda number: math.dist(_centre(picked.boxes[number]), (x, y)))


def _centre(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
