"""Detects the kind of an image file by its first bytes and Pillow's parsers; nothing is decoded."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from media.documents.quoting import LONG, quoted
from media.errors import PortraitError
from media.pictures.heic import is_heic, open_heic

QUICK_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""Formats that Pillow recognises without importing more of itself."""

OTHER_FORMATS = ("WEBP", "TIFF", "AVIF", "JPEG2000")
"""Formats tried next; Pillow's other formats start programs or have no magic bytes."""

_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")


def begin(source: Path | str | bytes) -> tuple[Path | bytes, bytes, str]:
    """The file or its bytes, its first 32 bytes, and its name in messages.

    Raises PortraitError for a file that is missing, empty or unreadable.
    """
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
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        reason = getattr(error, "strerror", None) or str(error)
        raise PortraitError(
            'The portrait "{path}" cannot be read: {reason}.', path=quoted(str(path), LONG), reason=reason
        ) from None


def identify(source: Path | bytes, head: bytes, name: str) -> Image.Image:
    """The image of a file or its bytes, not decoded. head, name: from `begin`.

    Raises PortraitError, which names the file's actual kind if it is known.
    """
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
    """In a TIFF whose first image is a reduced one (tag 254, bit 0), go to the first full one."""
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
