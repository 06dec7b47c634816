"""TIFFs of more than 8 bits: integers and floats of any width, grey or colour, chunky or planar.

Pillow opens only 16-bit and 32-bit grey, reads unsigned numbers as signed ones, black as white if the file
says "white is zero", and mixes up the planes of planar 16-bit colour. So tifffile reads these, and big-endian
BigTIFFs, which Pillow does not open at all.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image

from media.errors import PortraitError
from media.pictures.depth import from_bytes, scaled_to_bytes

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _CMYK = 0, 1, 2, 5
_REDUCED = 1
_ASSOCIATED_ALPHA, _ALPHA = 1, 2
_COLOURS = {_WHITE_IS_ZERO: 1, _BLACK_IS_ZERO: 1, _RGB: 3, _CMYK: 4}


def open_deep_tiff(source: Path | bytes, name: str, max_pixels: int) -> Image.Image | None:
    """The first image of such a TIFF, scaled to 8 bits: L, LA, RGB, RGBA or CMYK.

    None for one that Pillow reads correctly. `info` and the orientation tag are kept.
    name: the file's name in messages. Raises PortraitError for a TIFF that is too large, damaged, or
    compressed in an unsupported way.
    """
    import tifffile  # late: few portraits are TIFFs

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # its complaints are raised or harmless

    try:
        with tifffile.TiffFile(io.BytesIO(source) if isinstance(source, bytes) else source) as file:
            page: Any = next((p for p in file.pages if not _is_thumbnail(p)), file.pages.first)
            photometric = int(page.photometric)
            ours = _bits(page) > 8 or (_bits(page) == 8 and file.byteorder == ">" and file.is_bigtiff)
            if not ours or photometric not in _COLOURS:
                return None
            if page.imagewidth * page.imagelength > max_pixels:
                raise PortraitError(
                    "{name} has {width}x{height} = {megapixels:.0f} million pixels; at most {most} million "
                    "are allowed. Reduce it first.",
                    name=name,
                    width=page.imagewidth,
                    height=page.imagelength,
                    megapixels=page.imagewidth * page.imagelength / 1e6,
                    most=max_pixels // 1000000,
                )
            return _picture(page, photometric)
    except (PortraitError, MemoryError):
        raise
    except Exception as error:  # tifffile raises its own error, ValueError, KeyError and more
        if _is_plain_sixteen(source):
            return None
        length, directory = _length_and_directory(source)
        if directory >= length:
            raise PortraitError(
                "{name} is incomplete: it has {size} bytes, and what describes its image begins at byte "
                "{start}; upload the whole file.",
                name=name,
                size=length,
                start=directory,
            ) from None
        raise PortraitError(
            "{name} is a TIFF that cannot be read ({reason}); save it as PNG or as a TIFF of 8 bits.",
            name=name,
            reason=str(error)[:120],
        ) from None


def _length_and_directory(source: Path | bytes) -> tuple[int, int]:
    """Bytes of the file, and the stated position of its first directory (TIFF 6.0, section 2)."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        head = file.read(16)
        length = file.seek(0, io.SEEK_END)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    return length, int.from_bytes(head[8:16] if 43 in head[2:4] else head[4:8], order)


def _picture(page: Any, photometric: int) -> Image.Image:
    values = page.asarray()
    if int(page.planarconfig) == 2 and values.ndim == 3:
        values = np.moveaxis(values, 0, -1)
    while values.ndim > 3:
        values = values[0]
    if values.ndim == 2:
        values = values[..., None]
    colours = _COLOURS[photometric]
    pixels = scaled_to_bytes(values[..., :colours], sensor=True)
    if photometric == _WHITE_IS_ZERO:
        pixels = 255 - pixels
    info, orientation = {}, _tag(page, 274)
    if (profile := _tag(page, 34675)) is not None:
        info["icc_profile"] = bytes(profile)
    kind = next(iter(page.extrasamples or ()), 0)
    if photometric == _CMYK:
        image = Image.frombytes("CMYK", (pixels.shape[1], pixels.shape[0]), pixels.tobytes())
    elif kind in (_ASSOCIATED_ALPHA, _ALPHA) and values.shape[2] > colours:
        alpha = scaled_to_bytes(values[..., colours : colours + 1])
        if kind == _ASSOCIATED_ALPHA:
            pixels = np.rint(np.minimum(255, pixels * (255.0 / np.maximum(alpha, 1)))).astype(np.uint8)
        image = from_bytes(np.concatenate([pixels, alpha], axis=-1))
    else:
        image = from_bytes(pixels[..., 0] if colours == 1 else pixels)
    image.info.update(info)
    if orientation is not None:
        image.getexif()[274] = int(orientation)
    return image


def _is_thumbnail(page: Any) -> bool:
    return bool(int(_tag(page, 254) or 0) & _REDUCED)


def _bits(page: Any) -> int:
    bits = page.bitspersample
    return int(max(bits) if isinstance(bits, tuple) else bits)


def _tag(page: Any, number: int) -> Any:
    tag = page.tags.get(number)
    return None if tag is None else tag.value


def _is_plain_sixteen(source: Path | bytes) -> bool:
    """Whether Pillow reads it correctly and tifffile does not, as with LZW: chunky colour of 16 bits."""
    try:
        stream = io.BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(stream, formats=["TIFF"]) as image:
            tags = getattr(image, "tag_v2", {})
            return tags.get(284, 1) == 1 and tags.get(262) in (_BLACK_IS_ZERO, _RGB)
    except Exception:
        return False
