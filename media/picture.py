"""Open any picture a user may bring as plain upright RGB pixels."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from media.errors import PortraitError

QUICK_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "PPM")
"""Formats that Pillow knows without importing more of itself."""

OTHER_FORMATS = ("WEBP", "TIFF", "AVIF", "JPEG2000")
"""Formats tried next; the others in Pillow start programs or carry no magic bytes."""

MAX_PIXELS = 80_000_000
MIN_SIDE = 64
GROUND = (128, 128, 128)
"""What is seen through transparent pixels."""

PictureSource = Path | str | bytes | Image.Image | np.ndarray


@dataclass(frozen=True, eq=False)
class Picture:
    """Upright RGB pixels, (H, W, 3) uint8, even sides, and how many of them make one pixel of the upload."""

    image: np.ndarray
    scale: float
    upload_size: tuple[int, int]


def open_picture(source: PictureSource, max_side: int) -> Picture:
    """Read a picture from a file, its bytes, a Pillow image or an array.

    max_side: longest side of the result in pixels; larger pictures are reduced, smaller ones stay.
    Raises PortraitError when it is not a picture, is damaged, or is too small or too large.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd tags and large sizes: what matters is refused below
        if isinstance(source, np.ndarray):
            return _finish(_from_array(source), max_side, ours=True)
        if isinstance(source, Image.Image):
            return _finish(source, max_side, ours=False)
        return _finish(_from_file(source), max_side, ours=True)


def _from_file(source: Path | str | bytes) -> Image.Image:
    if isinstance(source, bytes):
        stream: io.BytesIO | Path = io.BytesIO(source)
        head, name = source[:32], "The uploaded portrait"
    else:
        stream = Path(source)
        name = f'The portrait "{stream.name}"'
        try:
            with stream.open("rb") as file:
                head = file.read(32)
        except FileNotFoundError:
            raise PortraitError(f'There is no portrait at "{stream}"; check the path.') from None
        except (OSError, ValueError) as error:  # ValueError: a name with a zero byte in it
            reason = getattr(error, "strerror", None) or str(error)
            raise PortraitError(f'The portrait "{stream}" cannot be read: {reason}.') from None
    if not head:
        raise PortraitError(f"{name} is empty (0 bytes); upload it again.")
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1", b"heim"):
        raise PortraitError(
            f"{name} is a HEIC picture, which cannot be read here; save it as JPEG or PNG first "
            "(on an iPhone: Settings, Camera, Formats, Most Compatible)."
        )
    try:
        try:
            return Image.open(stream, formats=QUICK_FORMATS)
        except UnidentifiedImageError:
            Image.init()
            return Image.open(stream, formats=[f for f in OTHER_FORMATS if f in Image.OPEN])
    except Image.DecompressionBombError:
        raise PortraitError(
            f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels; reduce it first."
        ) from None
    except UnidentifiedImageError:
        raise PortraitError(
            f"{name} is not a picture that can be read (it starts with {head[:8]!r}); use JPEG, PNG or WebP."
        ) from None
    except Exception as error:  # Pillow's parsers raise OSError, SyntaxError, struct.error and more
        raise PortraitError(f"{name} is damaged ({error}); save it again as JPEG or PNG.") from None


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)) or array.size == 0:
        raise PortraitError(
            f"A portrait array has the shape (height, width) or (height, width, 3 or 4), not {array.shape}."
        )
    if array.size > 4 * MAX_PIXELS:
        raise PortraitError(f"The portrait array has {array.size} values; reduce it first.")
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
                f"A portrait array of floats has values from 0 to 1, this one from {low:g} to {high:g}."
            )
        pixels = np.rint(array * 255).astype(np.uint8)
    else:
        raise PortraitError(f"A portrait array is uint8, uint16 or float, not {array.dtype}.")
    return Image.fromarray(np.ascontiguousarray(pixels))


def _finish(image: Image.Image, max_side: int, ours: bool) -> Picture:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise PortraitError(
            f"The portrait has {width}x{height} = {width * height / 1e6:.0f} million pixels; "
            f"at most {MAX_PIXELS // 1_000_000} million are read, reduce it first."
        )
    scale = min(1.0, max_side / max(width, height))
    kept = (round(width * scale) // 2 * 2, round(height * scale) // 2 * 2)
    if min(width, height) < MIN_SIDE or min(kept) < MIN_SIDE:
        raise PortraitError(
            f"The portrait has {width}x{height} pixels"
            + (f", which become {kept[0]}x{kept[1]}" if scale < 1 else "")
            + f"; each side needs at least {MIN_SIDE}."
        )
    try:
        if ours:  # decodes large JPEG photographs at a half or a quarter
            image.draft(None, (2 * kept[0], 2 * kept[1]))
        image.load()
    except Exception as error:  # Pillow's decoders raise OSError, struct.error, zlib.error and more
        raise PortraitError(
            f"The portrait is damaged or cut short ({error}); save it again as JPEG or PNG."
        ) from None
    upright = _ORIENTATIONS.get(_orientation(image))
    if scale < 1:
        image = _plain(image).resize(
            (round(width * scale), round(height * scale)), Image.Resampling.LANCZOS, reducing_gap=3.0
        )
    image = _to_rgb(image)
    if upright is not None:
        image = image.transpose(upright)
        width, height = (height, width) if upright in _TURNED else (width, height)
    pixels = np.array(image)[: image.height // 2 * 2, : image.width // 2 * 2]
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False
    return Picture(pixels, scale, (width, height))


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


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged EXIF comes out of Pillow in many classes, and is no reason to refuse
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """A mode that can be reduced without mixing palette numbers."""
    if image.mode in ("P", "PA", "1") or "transparency" in image.info:
        return image.convert("RGBA")
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any Pillow mode to RGB: 16 bits to 8, colour profiles to sRGB, transparency onto neutral grey."""
    if image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint32)
        image = Image.fromarray(((values + 128) // 257).astype(np.uint8))
    elif image.mode in ("I", "F"):
        image = Image.fromarray(_from_wide(np.asarray(image, np.float64)))
    alpha = None
    if image.mode in ("RGBA", "LA", "PA", "P", "RGBa", "La") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        alpha = rgba.getchannel("A")
        profile = image.info.get("icc_profile")
        image = rgba.convert("RGB")
        image.info["icc_profile"] = profile
    image = _to_srgb(image)
    if alpha is not None and alpha.getextrema() != (255, 255):
        ground = Image.new("RGB", image.size, GROUND)
        ground.paste(image, mask=alpha)
        image = ground
    return image


def _from_wide(values: np.ndarray) -> np.ndarray:
    """32-bit integers and floats to 8 bits, by the smallest usual full scale that holds them."""
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    high = float(values.max(initial=0.0))
    full = next((scale for scale in (1.0, 255.0, 65535.0) if high <= scale), high)
    return np.rint(np.clip(values / full, 0, 1) * 255).astype(np.uint8)


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        from PIL import ImageCms  # late: most pictures carry no profile

        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):  # a broken profile: the plain numbers will do
            pass
    return image.convert("RGB")
