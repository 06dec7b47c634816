"""A portrait's edit with another shape, around a chosen face."""

from __future__ import annotations

from dataclasses import replace

from media.desk.edit import SHAPES, PortraitEdit
from media.framing import cut_for, head_of
from media.placement import Box


def shaped(edit: PortraitEdit, shape: str, size: tuple[float, float], face: Box | None) -> PortraitEdit:
    """The edit with another shape, and the part of the portrait around the face that has it.

    size: width and height of the portrait in pixels, 0 if unknown. face: the box of the chosen one in them.
    Without a crop, the job takes the part around the largest face, or all of the portrait on a border.
    """
    made = replace(edit, shape=shape, crop=None)
    ratio, (width, height) = SHAPES[shape], (round(size[0]), round(size[1]))
    if ratio is None or face is None or not width or not height:
        return made
    found = cut_for((width, height), ratio, head_of(face, (width, height)))
    if found is None:
        return made
    left, top = float(found.left), float(found.top)
    return replace(made, crop=(left, top, left + found.width, top + found.height))
