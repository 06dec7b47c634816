"""Rows of an image that its file lacks: found by decoding twice, filled from their neighbours.

The memory of the missing rows holds different values before each decoding. Pixels that differ between the
results were not in the file.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFile

FILLS = (0, 255)


def rows_that_came(data: bytes, opened: Callable[[bytes], Image.Image]) -> tuple[Image.Image, float] | None:
    """An uncompressed GIF, BMP, PPM or TIFF that ends too early, and its missing fraction, 0..1.

    opened: opens the file's bytes. None if nothing can be decoded.
    """
    image = opened(data)
    interlaced = image.format == "GIF" and _is_interlaced(image)
    first, second = (_partly_decoded(opened(data), fill) for fill in FILLS)
    if first is None or second is None:
        return None
    clear = first.info.get("transparency") if first.format == "GIF" else None
    if clear is not None:  # Pillow fills the image with the clear colour before it decodes
        differs = _behind_the_last(np.asarray(first) != clear, interlaced)
    else:
        differs = _differing(first, second)
    return first, _filled(first, differs)


def fill_missing(image: Image.Image, other: Image.Image) -> float:
    """Fill everything after the first row in which two decodings differ. Returns that fraction of the rows,
    0..1.
    """
    differs = _differing(image, other)
    rows = np.flatnonzero(differs.any(axis=1))
    if rows.size:
        differs[rows[0] :] = True
    return _filled(image, differs)


def _partly_decoded(image: Image.Image, fill: int) -> Image.Image | None:
    """The image with `fill` after the end of its file; None for one that is decoded in another way."""
    if (
        not isinstance(image, ImageFile.ImageFile)
        or not image.tile
        or image.tile[0].codec_name not in ("raw", "gif")
    ):
        return None
    if image.format != "GIF" or "transparency" not in image.info:  # such a one is filled by Pillow itself
        bands = len(image.getbands())
        image.im = Image.new(image.mode, image.size, (fill,) * bands if bands > 1 else fill).im
    try:
        image.load()
    except OSError:
        image.tile = []  # the decoded rows stay, and no further reading is tried
        image.load()
    return image


def _differing(image: Image.Image, other: Image.Image) -> np.ndarray:
    """(H, W) bool."""
    a, b = np.asarray(image), np.asarray(other)
    return a != b if a.ndim == 2 else (a != b).any(axis=2)


def _is_interlaced(image: Image.Image) -> bool:
    tiles = image.tile if isinstance(image, ImageFile.ImageFile) else []
    return bool(tiles) and isinstance(tiles[0].args, tuple) and bool(tiles[0].args[1])


def _behind_the_last(seen: np.ndarray, interlaced: bool) -> np.ndarray:
    """(H, W) bool: everything after the last pixel of `seen`, in the order of the file."""
    rows = np.arange(len(seen))
    order = np.concatenate([rows[0::8], rows[4::8], rows[2::4], rows[1::2]]) if interlaced else rows
    places = np.flatnonzero(seen[order])
    behind = np.zeros(seen.size, bool)
    behind[places[-1] + 1 if places.size else 0 :] = True
    missing = np.empty(seen.shape, bool)
    missing[order] = behind.reshape(seen.shape)
    return missing


def _filled(image: Image.Image, differs: np.ndarray) -> float:
    """Fill the missing rows with copies of their neighbours, preferring the one above. Returns the missing
    fraction.
    """
    incomplete = differs.any(axis=1)
    whole = np.flatnonzero(~incomplete)
    if whole.size and incomplete.any():
        for row in np.flatnonzero(incomplete):
            before = np.searchsorted(whole, row)
            source = int(whole[before - 1] if before else whole[0])
            image.paste(image.crop((0, source, image.width, source + 1)), (0, int(row)))
    return float(differs.mean())
