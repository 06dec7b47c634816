"""Opens HEIC and HEIF photographs from iPhones and other phones.

ISO/IEC 23008-12. pi-heif only decodes: it contains libheif and libde265 (LGPL-3), and no encoder.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from media.errors import PortraitError

_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_AVIF = b"avif"


def is_heic(head: bytes) -> bool:
    """Whether a file with these first bytes contains HEVC images. AVIF shares two brands with them."""
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS and _AVIF not in head


def open_heic(source: Path | bytes, name: str) -> Image.Image:
    """The primary image, not yet decoded. The container's own rotation is applied, EXIF's is not.

    name: the file's name in messages. Raises PortraitError for a damaged file.
    """
    import pi_heif

    try:
        return pi_heif.HeifImageFile(io.BytesIO(source) if isinstance(source, bytes) else source)
    except Exception as error:  # libheif's errors arrive in several classes
        raise PortraitError(
            "{name} is a HEIC image that is damaged or incomplete ({reason}); upload the whole file, or "
            "save it again as JPEG.",
            name=name,
            reason=error,
        ) from None
