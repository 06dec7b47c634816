"""Converts images of more than 8 bits, as integers and floats, to 8 bits.

Resizing comes after this, never before: Pillow reduces "I" and "F" images in their own numbers, and only the
whole image's largest value shows what full scale is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

STRIP = 64
"""Rows converted at a time, so that an image of 80 million floats needs no second copy."""

HDR_PEAK = 64.0
"""Floats up to this value count as light relative to white, as in HDR images, if few exceed 1."""

OVERSHOOT = 1.06
"""Sharpening and resampling leave values a little above full scale."""

Curve = Callable[[np.ndarray], np.ndarray]

_MODES = {2: "LA", 3: "RGB", 4: "RGBA"}
_SCALES = (255, 65_535, 2**31 - 1, 2**32 - 1)
_SENSOR_SCALES = (255, 1023, 4095, 65_535, 2**31 - 1, 2**32 - 1)


def is_deep(image: Image.Image) -> bool:
    """Whether a Pillow image has more than 8 bits per channel."""
    return image.mode in ("I", "F") or image.mode.startswith("I;")


def to_eight_bits(image: Image.Image, curve: Curve | None = None) -> Image.Image:
    """An "L" or "LA" image of a deep one; others unchanged. `info` stays, except a used tRNS.

    curve: applied to the values of a deep one, 0..1 to 0..1, before they are reduced.
    """
    if not is_deep(image):
        return image
    values = np.asarray(image)
    pixels = scaled_to_bytes(values, curve=curve)
    key = image.info.get("transparency")
    if isinstance(key, int):  # a PNG of 16-bit grey names one transparent value
        pixels = np.stack([pixels, np.where(values == key, 0, 255).astype(np.uint8)], axis=-1)
    result = from_bytes(pixels)
    result.info.update({name: value for name, value in image.info.items() if name != "transparency"})
    return result


def from_bytes(pixels: np.ndarray) -> Image.Image:
    """An image of (H, W) or (H, W, 2..4) uint8 pixels: L, LA, RGB or RGBA."""
    pixels = np.ascontiguousarray(pixels)
    if pixels.ndim == 2:
        return Image.fromarray(pixels)
    return Image.frombytes(_MODES[pixels.shape[2]], (pixels.shape[1], pixels.shape[0]), pixels.tobytes())


def scaled_to_bytes(values: np.ndarray, sensor: bool = False, curve: Curve | None = None) -> np.ndarray:
    """uint8 from any numbers, (H, W) or (H, W, C), by `full_scale` and a curve.

    Negative values and NaN become 0, values above full scale 255.
    """
    full = full_scale(values, sensor)
    pixels = np.empty(values.shape, np.uint8)
    for top in range(0, len(values), STRIP):
        strip = values[top : top + STRIP].astype(np.float64)
        np.nan_to_num(strip, copy=False, nan=0.0)
        np.clip(strip, 0, full, out=strip)
        strip /= full
        pixels[top : top + STRIP] = np.rint(255.0 * (strip if curve is None else curve(strip)))
    return pixels


def full_scale(values: np.ndarray, sensor: bool = False) -> float:
    """The number that means white.

    Integers: the smallest usual full scale (8, 16, 31 or 32 bits) that contains all of them; a 16-bit image
    with values up to 255 would otherwise be black. Floats: 1, 255 or 65535 with a little overshoot; single
    highlights up to HDR_PEAK do not turn an image of 0..1 into one of 0..255.

    sensor: 10 and 12 bits are usual, too, as cameras put them into 16-bit TIFFs.
    """
    if values.dtype.kind in "iu":
        top = max(int(values.max(initial=0)), 1)
        if values.dtype == np.int16 and top > 4095:
            return 32_767.0
        return float(next((s for s in (_SENSOR_SCALES if sensor else _SCALES) if top <= s), top))
    high, many = _high_and_most(values)
    if high <= OVERSHOOT or high <= 16 or (high <= HDR_PEAK and many <= OVERSHOOT):
        return 1.0
    return next((scale for scale in (255.0, 65_535.0) if high <= OVERSHOOT * scale), high)


def _high_and_most(values: np.ndarray) -> tuple[float, float]:
    """The largest finite value, and the 98th percentile of a sample."""
    high = 0.0
    for top in range(0, len(values), STRIP):
        strip = values[top : top + STRIP]
        high = max(high, float(np.max(strip, initial=0.0, where=np.isfinite(strip))))
    step = max(1, int((values.size / 250_000) ** 0.5))
    sample = values[::step, ::step]
    finite = sample[np.isfinite(sample)]
    return high, float(np.percentile(finite, 98)) if finite.size else 0.0
