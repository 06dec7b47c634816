"""The one list of file kinds that are accepted as a portrait, and which of them browsers show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PictureKind:
    """One kind of file.

    suffixes: without the dot, the usual one first. mime: its media type. shown: whether every browser shows
    it.
    """

    name: str
    suffixes: tuple[str, ...]
    mime: str
    shown: bool = True


KINDS = (
    PictureKind("JPEG", ("jpg", "jpeg", "jpe", "jfif"), "image/jpeg"),
    PictureKind("PNG", ("png", "apng"), "image/png"),
    PictureKind("WebP", ("webp",), "image/webp"),
    PictureKind("GIF", ("gif",), "image/gif"),
    PictureKind("BMP", ("bmp", "dib"), "image/bmp"),
    PictureKind("AVIF", ("avif",), "image/avif"),
    PictureKind("HEIC", ("heic", "heif", "hif"), "image/heic", shown=False),
    PictureKind("TIFF", ("tif", "tiff"), "image/tiff", shown=False),
    PictureKind("JPEG 2000", ("jp2", "j2k", "jpx", "jpf"), "image/jp2", shown=False),
    PictureKind("PPM", ("ppm", "pgm", "pbm", "pnm"), "image/x-portable-anymap", shown=False),
)
"""The supported kinds. A file's content decides its kind; the suffixes are for file pickers."""

MIME_BY_SUFFIX = {suffix: kind.mime for kind in KINDS for suffix in kind.suffixes}

_STILL = (b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*")
_SHOWN = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM")


def is_shown_by_browsers(head: bytes) -> bool:
    """Whether every browser shows an image with these first bytes; head: at least 32 of them."""
    if head.startswith(_SHOWN) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    return head[4:8] == b"ftyp" and b"avif" in head[8:32]


def is_still_picture(head: bytes) -> bool:
    """Whether a file with these first bytes is of a kind that never moves: JPEG, BMP or TIFF."""
    return head.startswith(_STILL)
