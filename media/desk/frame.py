"""Opens the part of an image that an edit keeps, with as many pixels as a whole image would have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from media.desk.edit import SHAPES, PortraitEdit
from media.errors import PortraitError
from media.framing import bordered, cut_for, even
from media.picture import MIN_SIDE, Picture
from media.placement import Box, turn
from media.portrait_search import OpenAt, large_side

SAME_SHAPE = 0.01
"""Shapes that differ by less are equal: crops are whole pixels."""
SLACK = 1.0
"""Pixels by which a crop may exceed the image, as scripts round."""

HeadIn = Callable[[Picture], Box | None]
"""Finds the head that a shape must keep, in pixels of the upload; None without one."""


def edited(open_at: OpenAt, edit: PortraitEdit, head_in: HeadIn) -> OpenAt:
    """`open_at` for the part of the image that an edit keeps, turned as it says.

    The result takes the longest side of that part, and raises PortraitError for a crop outside the image, or
    a part that is too small.
    """
    known: list[tuple[Box, Box]] = []

    def open_part(side: int) -> Picture:
        picture = turned(open_at(side), edit.turn)
        if not known:
            known.append(part_of(picture, edit, head_in))
        inner, part = known[0]
        longest = max(part[2] - part[0], part[3] - part[1])
        whole, wanted = max(picture.upload_size), min(1.0, side / longest)
        if abs(picture.scale - wanted) * longest >= 1:  # otherwise the part would lack pixels that exist
            most = max(side, large_side(picture.upload_size))
            again = _with_side(open_at, min(most, round(wanted * whole)), max(picture.image.shape))
            picture = picture if again is None else turned(again, edit.turn)
        return cut_part(picture, inner, part)

    return open_part


def _with_side(open_at: OpenAt, side: int, known: int) -> Picture | None:
    """The image with its longest side at most `side`, or less if so many pixels are not decoded; None if only
    the `known` side is.

    A large JPEG is decoded at a half or a quarter, depending on the side, so the whole of it may be accepted
    while this side is refused. Raises PortraitError.
    """
    while True:
        try:
            return open_at(side)
        except PortraitError:
            if side <= known:
                raise
        side //= 2
        if side <= known:
            return None


def turned(picture: Picture, degrees: int) -> Picture:
    """The image after a turn by a multiple of 90 degrees clockwise."""
    width, height = picture.upload_size
    size = (height, width) if degrees % 180 else (width, height)
    return replace(picture, image=turn(picture.image, -degrees // 90 % 4), upload_size=size)


def part_of(picture: Picture, edit: PortraitEdit, head_in: HeadIn) -> tuple[Box, Box]:
    """The part of the image that is kept, and the part with a border around it where its shape needs one.

    Both in pixels of the upload; they are the same without a border. Raises PortraitError.
    """
    inner = _cropped(edit.crop, picture.upload_size)
    ratio = SHAPES[edit.shape]
    width, height = inner[2] - inner[0], inner[3] - inner[1]
    if ratio is None or abs(width / height / (ratio[0] / ratio[1]) - 1) < SAME_SHAPE:
        return inner, inner
    size = (round(width), round(height))
    found = cut_for(size, ratio, _inside(head_in(picture), inner))
    if found is not None:
        left, top = inner[0] + found.left, inner[1] + found.top
        box = (left, top, left + found.width, top + found.height)
        return box, box
    wide, high = max(width, height * ratio[0] / ratio[1]), max(height, width * ratio[1] / ratio[0])
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return inner, (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def cut_part(picture: Picture, inner: Box, part: Box) -> Picture:
    """The pixels of the parts from `part_of`. Raises PortraitError if they are too few."""
    scale, (height, width) = picture.scale, picture.image.shape[:2]
    x0, y0 = min(round(inner[0] * scale), width - 2), min(round(inner[1] * scale), height - 2)
    x1, y1 = (min(round(inner[2] * scale), width), min(round(inner[3] * scale), height))
    x1, y1 = x0 + max(2, (x1 - x0) // 2 * 2), y0 + max(2, (y1 - y0) // 2 * 2)
    pixels, left, top = picture.image[y0:y1, x0:x1], x0, y0
    if inner != part:
        wide, high = even((part[2] - part[0]) * scale), even((part[3] - part[1]) * scale)
        aside = part[2] - part[0] > inner[2] - inner[0]
        target = (max(wide, x1 - x0), y1 - y0) if aside else (x1 - x0, max(high, y1 - y0))
        pixels = bordered((x1 - x0, y1 - y0), target, None)(pixels)
        left, top = x0 - (target[0] - (x1 - x0)) // 2, y0 - (target[1] - (y1 - y0)) // 2
    height, width = pixels.shape[:2]
    _check_size(width, height)
    kept = (left / scale, top / scale, (left + width) / scale, (top + height) / scale)
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    return replace(picture, image=pixels, kept=kept)


def _cropped(crop: Box | None, size: tuple[int, int]) -> Box:
    width, height = size
    if crop is None:
        return 0.0, 0.0, float(width), float(height)
    x0, y0, x1, y1 = crop
    if x0 < -SLACK or y0 < -SLACK or x1 > width + SLACK or y1 > height + SLACK:
        raise PortraitError(
            "The crop from {left:g},{top:g} to {right:g},{bottom:g} lies outside the portrait of "
            "{width}x{height} pixels.",
            left=x0,
            top=y0,
            right=x1,
            bottom=y1,
            width=width,
            height=height,
        )
    x0, y0, x1, y1 = max(0.0, x0), max(0.0, y0), min(float(width), x1), min(float(height), y1)
    _check_size(max(0, round(x1 - x0)), max(0, round(y1 - y0)))  # a part without pixels has no shape
    return x0, y0, x1, y1


def _check_size(width: int, height: int) -> None:
    if min(height, width) < MIN_SIDE:
        raise PortraitError(
            "The part of the portrait that is kept has {width}x{height} pixels; each side needs at least "
            "{least}. Keep a larger part.",
            width=width,
            height=height,
            least=MIN_SIDE,
        )


def _inside(head: Box | None, part: Box) -> Box | None:
    """A head in pixels of a part of the image; None if it is not in the part."""
    if head is None:
        return None
    (x0, y0, x1, y1), (left, top, right, bottom) = head, part
    x0, y0, x1, y1 = max(x0, left), max(y0, top), min(x1, right), min(y1, bottom)
    return (x0 - left, y0 - top, x1 - left, y1 - top) if x0 < x1 and y0 < y1 else None
