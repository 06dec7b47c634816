"""An image file, opened but not decoded: its kind, or why it is not an image; then its pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from PIL import ExifTags, Image, UnidentifiedImageError

from media.documents.quoting import LONG, quoted
from media.errors import PortraitError
from media.messages import said
from media.pictures.colour_tags import ColourTags, read_colour_tags
from media.pictures.deep_tiff import MAGIC, open_deep_tiff
from media.pictures.heic import is_heic, open_heic
from media.pictures.missing_rows import fill_missing, rows_that_came
from media.pictures.short_jpeg import complete_jpeg
from media.pictures.short_png import complete_png
from media.pictures.short_webp import first_look, missing_bytes, two_looks

QUICK_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""Formats that Pillow knows without importing more of itself."""

OTHER_FORMATS = ("WEBP", "TIFF", "AVIF", "JPEG2000")
"""Formats tried next; the others in Pillow start programs or carry no magic bytes."""

MOST_MISSING = 0.1
"""Part of a picture that may be missing at its end."""

_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")

BY_ROWS = ("GIF", "BMP", "PPM", "TIFF")
"""Formats whose decoders leave the rows that came where the file ends too early."""


@dataclass
class OpenedPicture:
    """image: not decoded yet, if it comes from a file. tags: what the file says of its colours.

    source: the file, to be read again where it is cut short; None for a picture that is not a file.
    notes: sentences for the user.
    """

    image: Image.Image
    tags: ColourTags = field(default_factory=ColourTags)
    source: Path | bytes | None = None
    notes: list[str] = field(default_factory=list)
    missing_bytes: int = 0
    """Of a WebP that ends too early."""

    def decode(self, at_least: tuple[int, int], max_pixels: int) -> None:
        """Read the pixels; a large JPEG at a half, a quarter or an eighth that is no smaller than `at_least`.

        Raises PortraitError for a picture that is damaged, short of more than MOST_MISSING, or that would
        have more than `max_pixels` even so.
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
        """Put a file that ends too early in the place of the picture, with an end, or its rows that came."""
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
        came = rows_that_came(data, lambda data: _identify(data, data[:32], "The portrait"))
        if came is None:
            return False
        self.image, missing = came
        self._note(missing)
        return True

    def _note(self, missing: float) -> None:
        """Say what is missing. Raises PortraitError for more than MOST_MISSING."""
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
    """Open a file or its bytes. Raises PortraitError for what is not there, no picture, or too large."""
    where, head, name = _begun(source)
    if head[:4] in MAGIC and (deep := open_deep_tiff(where, name, max_pixels)) is not None:
        return OpenedPicture(deep)
    if (missing := missing_bytes(where, head)) > 0:
        return _short_webp(where, missing, head, name)
    image = _identify(where, head, name)
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
        _identify(ended, head, name), read_colour_tags(ended, "WEBP"), data, missing_bytes=missing
    )


def picture_size(source: Path | str | bytes) -> tuple[int, int]:
    """(width, height) of a picture as its file has it, before it is turned upright; nothing is decoded.

    Raises PortraitError when it is not a picture.
    """
    where, head, name = _begun(source)
    if (missing := missing_bytes(where, head)) > 0:
        return _short_webp(where, missing, head, name).image.size
    with _identify(where, head, name) as image:
        return image.size


def _begun(source: Path | str | bytes) -> tuple[Path | bytes, bytes, str]:
    """The file, its first bytes, and how it is called in messages."""
    if isinstance(source, bytes):
        where: Path | bytes = source
        head, name = source[:32], "The uploaded portrait"
    else:
        where = Path(source)
        head, name = _head_of(where), f'The portrait "{where.name}"'
    if not head:
        raise PortraitError("{name} is empty (0 bytes); upload it again.", name=name)
    return where, head, name


def _head_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(32)
    except FileNotFoundError:
        raise PortraitError(
            'There is no portrait at "{path}"; check the path.', path=quoted(str(path), LONG)
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte in it
        reason = getattr(error, "strerror", None) or str(error)
        raise PortraitError(
            'The portrait "{path}" cannot be read: {reason}.', path=quoted(str(path), LONG), reason=reason
        ) from None


def _identify(source: Path | bytes, head: bytes, name: str) -> Image.Image:
    if is_heic(head):
        return open_heic(source, name)
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        try:
            return Image.open(stream, formats=QUICK_FORMATS)
        except UnidentifiedImageError:
            Image.init()
            image = Image.open(stream, formats=[f for f in OTHER_FORMATS if f in Image.OPEN])
            _skip_thumbnails(image)
            return image
    except Image.DecompressionBombError:
        raise PortraitError(
            "{name} has more than {most} million pixels; reduce it first.",
            name=name,
            most=2 * (Image.MAX_IMAGE_PIXELS or 0) // 1000000,
        ) from None
    except UnidentifiedImageError:
        if head[4:12] in (b"ftypavif", b"ftypavis"):
            raise PortraitError(
                "{name} is an AVIF image that is damaged or incomplete; upload the whole file, or save it "
                "again as JPEG or PNG.",
                name=name,
            ) from None
        if head.startswith(_JPEG_XL):
            raise PortraitError(
                "{name} is a JPEG XL image, which JoyStudio does not read; save it as JPEG or PNG first.",
                name=name,
            ) from None
        raise PortraitError(
            "{name} is not a readable image (it starts with {start!r}); use JPEG, PNG or WebP.",
            name=name,
            start=head[:8],
        ) from None
    except Exception as error:  # Pillow's parsers raise OSError, SyntaxError, struct.error and more
        raise PortraitError(
            "{name} is damaged ({reason}); save it again as JPEG or PNG.", name=name, reason=error
        ) from None


def _skip_thumbnails(image: Image.Image) -> None:
    """Of a TIFF whose first picture is a reduced one (tag 254, bit 0), go to the first that is not."""
    tags = getattr(image, "tag_v2", None)
    number = 0
    while tags is not None and tags.get(254, 0) & 1:
        number += 1
        try:
            image.seek(number)
        except EOFError:
            image.seek(0)
            return
        tags = getattr(image, "tag_v2", None)


def orientation(image: Image.Image) -> int:
    """The EXIF tag of how the camera was held, 1 (upright) to 8."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF comes out of Pillow in many classes, and is no reason to refuse
        return 1
