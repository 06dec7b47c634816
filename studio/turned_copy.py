"""A copy of a portrait turned by quarters, for a face that lies on its side."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from media.output_file import OutputFile
from media.placement import turn
from studio.browser_copy import LONGEST_SIDE, QUALITY
from studio.decoding import decoding_for
from studio.settings import Settings


def turned_copy(portrait: Path, degrees: int, settings: Settings) -> Path:
    """A JPEG next to the portrait, in sRGB, turned clockwise by a multiple of 90 degrees.

    Raises PortraitError for a file that is not an image, and OutputError if there is no room for the copy.
    """
    picture = decoding_for(settings).open_picture(portrait, LONGEST_SIDE)
    copy = portrait.with_name(f"{portrait.stem}-turned-{degrees}.jpg")
    output = OutputFile(copy)  # another visitor with the same upload may be reading it
    try:
        turned = Image.fromarray(turn(picture.image, -degrees // 90 % 4))
        turned.save(output.path, "JPEG", quality=QUALITY, subsampling="4:4:4")
        output.keep()
    finally:
        output.discard()
    return copy
