"""A copy of a portrait that every browser shows: phones and scanners write HEIC and TIFF."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from media.output_file import OutputFile
from media.picture_kinds import is_shown_by_browsers
from studio.decoding import decoding_for
from studio.settings import Settings

LONGEST_SIDE = 4096
"""Pixels: the usual size of phone photographs, and several times what an engine uses."""
QUALITY = 95


def browser_copy(portrait: Path, settings: Settings) -> tuple[Path, tuple[str, ...]] | None:
    """A JPEG next to the portrait, upright and in sRGB, and notes for the user.

    None if browsers show the portrait itself. Raises PortraitError for a file that is not an image, and
    OutputError if there is no room for the copy.
    """
    try:
        with portrait.open("rb") as file:
            head = file.read(32)
    except OSError:
        return None  # the error is reported where it is opened
    if is_shown_by_browsers(head):
        return None
    picture = decoding_for(settings).open_picture(portrait, LONGEST_SIDE)
    # A HEIC is often called .jpg; the upload itself stays unchanged.
    copy = portrait.with_suffix(".jpeg" if portrait.suffix.lower() == ".jpg" else ".jpg")
    output = OutputFile(copy)  # another visitor with the same upload may be reading it
    try:
        Image.fromarray(picture.image).save(output.path, "JPEG", quality=QUALITY, subsampling="4:4:4")
        output.keep()
    finally:
        output.discard()
    return copy, picture.notes
