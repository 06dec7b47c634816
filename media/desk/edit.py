"""What a user changes about a portrait before it is animated."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from media.documents.quoting import shown
from media.errors import OptionError

Box = tuple[float, float, float, float]
TURNS = (0, 90, 180, 270)
SHAPES: dict[str, tuple[int, int] | None] = {
    "original": None,
    "9:16": (9, 16),
    "1:1": (1, 1),
    "16:9": (16, 9),
}
"""Width to height; None keeps the portrait's own."""
ORIGINAL, BLUR, TRANSPARENT = "original", "blur", "transparent"
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class PortraitEdit:
    """The changes to a portrait, in this order.

    turn: degrees clockwise, one of TURNS. crop: the part that is kept, (left, top, right, bottom) in pixels
    of the upright, turned portrait; None for all. shape: one of SHAPES; the largest part around the largest
    face of the crop, or around an animal's three points, or all of the crop on a blurred border if the head
    does not fit. background: what is behind the person: original, blur, transparent, or a colour such as
    #1a2b3c.

    Raises OptionError for anything else.
    """

    turn: int = 0
    crop: Box | None = None
    shape: str = ORIGINAL
    background: str = ORIGINAL

    def __post_init__(self) -> None:
        if self.turn not in TURNS:
            raise OptionError(
                "A portrait can be turned by 0, 90, 180 or 270 degrees, not by {turn}.", turn=shown(self.turn)
            )
        if self.shape not in SHAPES:
            raise OptionError(
                "The shape of a portrait is original, 9:16, 1:1 or 16:9, not {shape}.",
                shape=shown(self.shape),
            )
        if self.background not in (ORIGINAL, BLUR, TRANSPARENT) and not _COLOUR.fullmatch(self.background):
            raise OptionError(
                "The background is original, blur, transparent, or a colour such as #1a2b3c, not "
                "{background}.",
                background=shown(self.background),
            )
        if self.crop is not None:
            _check_crop(self.crop)

    @property
    def plain(self) -> bool:
        """Whether it changes nothing."""
        return self == PLAIN

    @property
    def transparent(self) -> bool:
        """Whether the background is removed, which a video cannot show."""
        return self.background == TRANSPARENT


PLAIN = PortraitEdit()
"""The edit that changes nothing."""


def _check_crop(crop: Box) -> None:
    x0, y0, x1, y1 = crop
    if not all(map(math.isfinite, crop)) or x1 <= x0 or y1 <= y0:
        raise OptionError(
            "The crop goes from {left:g},{top:g} to {right:g},{bottom:g}; its second corner lies below the "
            "first one and to the right of it.",
            left=x0,
            top=y0,
            right=x1,
            bottom=y1,
        )
