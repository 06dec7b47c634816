"""An image file, opened but not decoded, then its pixels, including those of a truncated file."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ExifTags, Image

from media.errors import PortraitError
from media.messages import said
from media.pictures.colour_tags import ColourTags, read_colour_tags
from media.pictures.deep_tiff import MAGIC, open_deep_tiff
from media.pictures.file_kind import begin, identify
from media.pictures.missing_rows import fill_missing, rows_that_came
from media.pictures.short_jpeg import complete_jpeg
from media.pictures.short_png import complete_png
from media.pictures.short_webp import first_look, missing_bytes, two_looks

MOST_MISSING = 0.1
"""Largest fraction of an image that may be missing at its end."""

BY_ROWS = ("GIF", "BMP", "PPM", "TIFF")
"""Formats whose decoders keep the received rows if the file ends too early."""


@dataclass
class OpenedPicture:
    """image: not yet decoded, if it comes from a file. tags: the file's colour information.

    source: the file, to be read again if it is truncated; None for an image that is not a file. notes:
    sentences for the user.
    """

    image: Image.Image
    tags: ColourTags = field(default_factory=ColourTags)
    source: Path | bytes | None = None
    notes: list[str] = field(default_factory=list)
    missing_bytes: int = 0
    """Bytes that a truncated WebP lacks."""

    def decode(self, at_least: tuple[int, int], max_pixels: int) -> None:
        """Read the pixels; a large JPEG at a half, a quarter or an eighth that is not smaller than
        `at_least`.

        Raises PortraitError for an image that is damaged, lacks more than MOST_MISSING, or would still have
        more than `max_pixels`.
        """
        try:
            self._load(at_least, max_pixels)
        except (MemoryError, PortraitError):
            raise
        except Exception as error:  # Pillow's decoders raise OSError, struct.error, zlib.error and more
            if not self._complete():
                raise PortraitError(
                    "The portrait is damaged or incomplete ({reason}); save it again as JPEG or PNG.",
                    reason=error,
                ) from None
            try:
                self._load(at_least, max_pixels)
            except (MemoryError, PortraitError):
                raise
            except Exception as still:
                raise PortraitError(
                    "The portrait is damaged and incomplete ({reason}); save it again as JPEG or PNG.",
                    reason=still,
                ) from None

    def _load(self, at_least: tuple[int, int], max_pixels: int) -> None:
        width, height = self.image.size
        if self.source is not None:
            self.image.draft(None, at_least)
        if self.image.width * self.image.height > max_pixels:
            raise PortraitError(
                "The portrait has {width}x{height} = {megapixels:.0f} million pixels; at most {most:g} "
                "million are allowed. Reduce it first.",
                width=width,
                height=height,
                megapixels=width * height / 1e6,
                most=max_pixels / 1e6,
            )
        if self.missing_bytes and isinstance(self.source, bytes):
            self.image, other = two_looks(self.source, self.missing_bytes)
            self._note(fill_missing(self.image, other))
        else:
            self.image.load()

    def _complete(self) -> bool:
        """Replace a truncated image by one with an end, or by its received rows."""
        if self.source is None or self.missing_bytes:
            return False
        known = {"JPEG": complete_jpeg, "MPO": complete_jpeg, "PNG": complete_png}
        complete = known.get(self.image.format or "")
        try:
            data = self.source if isinstance(self.source, bytes) else self.source.read_bytes()
        except OSError:
            return False
        if complete is not None:
            found = complete(data)
            if found is None:
                return False
            ended, missing = found
            self._note(missing)
            self.image = Image.open(io.BytesIO(ended), formats=["JPEG", "PNG"])
            return True
        if self.image.format not in BY_ROWS:
            return False
        came = rows_that_came(data, lambda data: identify(data, data[:32], "The portrait"))
        if came is None:
            return False
        self.image, missing = came
        self._note(missing)
        return True

    def _note(self, missing: float) -> None:
        """Note what is missing. Raises PortraitError for more than MOST_MISSING."""
        if missing > MOST_MISSING:
            raise PortraitError(
                "The portrait is incomplete: {missing:.0f} % of the image is missing, and at most "
                "{most:.0f} % may be missing. Upload the whole file.",
                missing=100 * missing,
                most=100 * MOST_MISSING,
            )
        self.notes.append(
            said(
                "The portrait's file is incomplete: {missing:.1f} % of the image is missing and was filled. "
                "If you have the whole file, upload it again.",
                missing=max(0.1, 100 * missing),
            )
            if missing
            else "The portrait's file is incomplete, but no visible part is missing."
        )


def open_file(source: Path | str | bytes, max_pixels: int) -> OpenedPicture:
    """Open a file or its bytes. Raises PortraitError for a missing file, other content, or a too
    large image.
    """
    where, head, name = begin(source)
    if head[:4] in MAGIC and (deep := open_deep_tiff(where, name, max_pixels)) is not None:
        return OpenedPicture(deep)
    if (missing := missing_bytes(where, head)) > 0:
        return _short_webp(where, missing, head, name)
    image = identify(where, head, name)
    return OpenedPicture(image, read_colour_tags(where, image.format or ""), where)


def _short_webp(where: Path | bytes, missing: int, head: bytes, name: str) -> OpenedPicture:
    data = where if isinstance(where, bytes) else where.read_bytes()
    if missing > len(data):
        raise PortraitError(
            "{name} is incomplete: it has {size} of its {full_size} bytes; upload the whole file.",
            name=name,
            size=len(data),
            full_size=len(data) + missing,
        )
    ended = first_look(data, missing)
    return OpenedPicture(
        identify(ended, head, name), read_colour_tags(ended, "WEBP"), data, missing_bytes=missing
    )


def picture_size(source: Path | str | bytes) -> tuple[int, int]:
    """(width, height) of an image in its file, before it is turned upright; nothing is decoded.

    Raises PortraitError if it is not an image.
    """
    where, head, name = begin(source)
    if (missing := missing_bytes(where, head)) > 0:
        return _short_webp(where, missing, head, name).image.size
    with identify(where, head, name) as image:
        return image.size


def orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) to 8."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Pillow raises many classes for damaged EXIF, which are not a reason to refuse
        return 1
