"""A copy of a portrait turned by quarters, for a face that lies on its side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from media.output_file import OutputFile
from media.placement import Placement, Point, turn
from studio.browser_copy import LONGEST_SIDE, QUALITY
from studio.decoding import decoding_for
from studio.settings import Settings


@dataclass(frozen=True)
class TurnedPortrait:
    """A turned portrait.

    original: the portrait that was turned. degrees: how far, clockwise. path: of the copy. placement: where
    its pixels are in the original.
    """

    original: Path
    degrees: int
    path: Path
    placement: Placement

    def from_before(self, point: Point, before: TurnedPortrait | None) -> Point:
        """A point in pixels of an earlier copy of the same original, or of the original for None."""
        return self.placement.from_upload(*(before.placement.to_upload(*point) if before else point))


def turned_copy(portrait: Path, degrees: int, settings: Settings) -> TurnedPortrait:
    """A JPEG next to the portrait, in sRGB, turned clockwise by a multiple of 90 degrees; 0 is the portrait.

    Raises PortraitError for a file that is not an image, and OutputError if there is no room for the copy.
    """
    picture = decoding_for(settings).open_picture(portrait, LONGEST_SIDE)
    if not degrees:
        return TurnedPortrait(portrait, 0, portrait, Placement(picture.upload_size, picture.upload_size))
    copy = portrait.with_name(f"{portrait.stem}-turned-{degrees}.jpg")
    output = OutputFile(copy)  # another visitor with the same upload may be reading it
    turns = -degrees // 90 % 4
    try:
        turned = Image.fromarray(turn(picture.image, turns))
        turned.save(output.path, "JPEG", quality=QUALITY, subsampling="4:4:4")
        output.keep()
    finally:
        output.discard()
    return TurnedPortrait(portrait, degrees, copy, replace(picture.placement, turns=turns))
