"""Opens any supported image as plain upright RGB pixels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from media.decoding.limits import Limits
from media.errors import PortraitError
from media.pictures.colour import grey_to_light, light_to_srgb, to_srgb
from media.pictures.colour_tags import ColourTags
from media.pictures.depth import is_deep, to_eight_bits
from media.pictures.opened import OpenedPicture, open_file, orientation
from media.pictures.reducing import reduced
from media.placement import Box, Placement

MIN_SIDE = 64
GROUND = (128, 128, 128)
"""The colour shown through transparent pixels."""

PictureSource = Path | str | bytes | Image.Image | np.ndarray


@dataclass(frozen=True, eq=False)
class Picture:
    """Upright RGB pixels, (H, W, 3) uint8, even sides, and how many of them correspond to one pixel of the
    upload.

    notes: sentences for the user: what was missing in the file or cannot be shown. kept: the part of the
    upload that the pixels show, (x0, y0, x1, y1) in its pixels, which may reach beyond it; None for all.
    """

    image: np.ndarray
    scale: float
    upload_size: tuple[int, int]
    notes: tuple[str, ...] = ()
    kept: Box | None = None

    @property
    def part_size(self) -> tuple[int, int]:
        """Width and height of what the pixels show, in pixels of the upload."""
        if self.kept is None:
            return self.upload_size
        x0, y0, x1, y1 = self.kept
        return round(x1 - x0), round(y1 - y0)

    @property
    def placement(self) -> Placement:
        """Where the pixels are in the upload."""
        left, top = (self.kept or (0.0, 0.0))[:2]
        size = (self.image.shape[1], self.image.shape[0])
        return Placement(self.upload_size, size, self.scale, left, top)


def open_picture(source: PictureSource, max_side: int, *, max_pixels: int = Limits.max_pixels) -> Picture:
    """Read an image from a file, its bytes, a Pillow image or an array.

    max_side: longest side of the result in pixels; larger images are reduced, smaller ones stay.
    max_pixels: the most that are decoded; a JPEG that is decoded at a half or a quarter may have more.
    Raises PortraitError if it is not an image, is damaged, or is too small or too large.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd tags and large sizes: the relevant ones are refused below
        if isinstance(source, np.ndarray):
            return _finish(OpenedPicture(_from_array(source, max_pixels)), max_side, max_pixels)
        if isinstance(source, Image.Image):
            return _finish(OpenedPicture(source), max_side, max_pixels)
        return _finish(open_file(source, max_pixels), max_side, max_pixels)


def _from_array(array: np.ndarray, max_pixels: int) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)) or array.size == 0:
        raise PortraitError(
            "A portrait array has the shape (height, width) or (height, width, 3 or 4), not {shape}.",
            shape=array.shape,
        )
    if array.size > 4 * max_pixels:
        raise PortraitError("The portrait array has {size} values; reduce it first.", size=array.size)
    if array.dtype == np.bool_:
        pixels = array.astype(np.uint8) * 255
    elif array.dtype == np.uint8:
        pixels = array
    elif array.dtype == np.uint16:
        pixels = ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    elif array.dtype.kind == "f":
        low, high = float(array.min()), float(array.max())
        if not (low >= 0.0 and high <= 1.0):
            raise PortraitError(
                "A portrait array of floats has values from 0 to 1, this one from {low:g} to {high:g}.",
                low=low,
                high=high,
            )
        pixels = np.rint(array * 255).astype(np.uint8)
    else:
        raise PortraitError("A portrait array is uint8, uint16 or float, not {dtype}.", dtype=array.dtype)
    return Image.fromarray(np.ascontiguousarray(pixels))


def _finish(opened: OpenedPicture, max_side: int, max_pixels: int) -> Picture:
    width, height = opened.image.size
    scale = min(1.0, max_side / max(width, height))
    kept = (round(width * scale) // 2 * 2, round(height * scale) // 2 * 2)
    if min(width, height) < MIN_SIDE or min(kept) < MIN_SIDE:
        raise PortraitError(
            "The portrait has {width}x{height} pixels{reduced}; each side needs at least {least}.",
            width=width,
            height=height,
            reduced=f", which become {kept[0]}x{kept[1]}" if scale < 1 else "",
            least=MIN_SIDE,
        )
    opened.decode((2 * kept[0], 2 * kept[1]), max_pixels)
    upright = _ORIENTATIONS.get(orientation(opened.image))
    image, tags = opened.image, opened.tags
    if is_deep(image):
        light = grey_to_light(image, tags)
        # Linear light in 8 bits would have visible steps in the shadows.
        image = to_eight_bits(image, None if light is None else lambda v: light_to_srgb(light(v)))
        tags = tags if light is None else ColourTags(srgb=True)
    if scale < 1:
        image = reduced(image, (round(width * scale), round(height * scale)), _plain)
    else:
        image = _plain(image)
    image, notes = _to_rgb(image, tags)
    if upright is not None:
        image = image.transpose(upright)
        width, height = (height, width) if upright in _TURNED else (width, height)
    pixels = np.array(image)[: image.height // 2 * 2, : image.width // 2 * 2]
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    return Picture(pixels, scale, (width, height), (*opened.notes, *notes))


_ORIENTATIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_TURNED = (
    Image.Transpose.TRANSPOSE,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSVERSE,
    Image.Transpose.ROTATE_90,
)


def _plain(image: Image.Image) -> Image.Image:
    """One of the modes L, LA, RGB, RGBA, CMYK and LAB, 8 bits each, with its `info`."""
    mode, info = image.mode, image.info
    if mode in ("LA", "RGBA", "CMYK", "LAB") or (mode in ("L", "RGB") and "transparency" not in info):
        return image
    if mode == "La":  # premultiplied
        plain = image.convert("LA")
    elif mode in ("1", "L"):
        plain = image.convert("LA" if "transparency" in info else "L")
    elif mode in ("P", "PA", "RGBa", "RGB"):
        clear = mode in ("PA", "RGBa") or "transparency" in info or _clear_palette(image)
        plain = image.convert("RGBA" if clear else "RGB")
    else:
        plain = image.convert("RGB")
    plain.info.update({name: value for name, value in info.items() if name != "transparency"})
    return plain


def _clear_palette(image: Image.Image) -> bool:
    return image.mode == "P" and image.palette is not None and image.palette.mode == "RGBA"


def _to_rgb(image: Image.Image, tags: ColourTags) -> tuple[Image.Image, tuple[str, ...]]:
    """Convert colours to sRGB, and transparency to neutral grey. Returns the image and notes."""
    alpha = None
    info = image.info
    if image.mode in ("LA", "RGBA"):
        alpha = image.getchannel("A")
        image = image.getchannel("L") if image.mode == "LA" else image.convert("RGB")
        image.info.update(info)
    image, notes = to_srgb(image, tags)
    if alpha is not None and alpha.getextrema() != (255, 255):
        ground = Image.new("RGB", image.size, GROUND)
        ground.paste(image, mask=alpha)
        image = ground
    return image, notes
