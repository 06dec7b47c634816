"""Reduces large images strip by strip, so that no second one of full size is needed."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

STRIP = 256
"""Approximate number of rows that are converted and reduced at a time."""
GAP, LARGE_GAP = 3.0, 2.0
"""An image has at least this many times the result's size after whole pixels were averaged and before it is
resampled: Pillow's `reducing_gap`, where 3 looks the same as resampling alone.
"""
LARGE = 16_000_000
"""Pixels from which memory matters more than that."""
_PREMULTIPLIED = {"RGBA": "RGBa", "LA": "La"}


def reduced(
    image: Image.Image, size: tuple[int, int], plain: Callable[[Image.Image], Image.Image]
) -> Image.Image:
    """An image reduced to another (width, height), in the mode that `plain` gives; `info` is kept.

    plain: converts a strip to a mode that can be averaged, the same for all strips. Colours are weighted by
    their opacity. Peak memory: the image itself, an eighth to a quarter more, and the result.
    """
    width, height = image.size
    gap = LARGE_GAP if width * height > LARGE else GAP
    across, down = (max(1, int(old / new / gap)) for old, new in zip(image.size, size, strict=True))
    if (across, down) == (1, 1):
        whole = plain(image)
        info = whole.info
        result = whole.resize(size, Image.Resampling.LANCZOS)
        result.info.update(info)
        return result
    rows = max(1, STRIP // down) * down
    small: Image.Image | None = None
    for top in range(0, height, rows):
        strip = plain(image.crop((0, top, width, min(height, top + rows))))
        mode = strip.mode
        if mode in _PREMULTIPLIED:
            strip = strip.convert(_PREMULTIPLIED[mode])
        part = strip.reduce((across, down))
        if small is None:
            small = Image.new(part.mode, (-(-width // across), -(-height // down)))
            info = strip.info
        small.paste(part, (0, top // down))
    assert small is not None  # an image has rows
    box = (0, 0, width / across, height / down)
    result = small.resize(size, Image.Resampling.LANCZOS, box=box)
    if mode in _PREMULTIPLIED:
        result = result.convert(mode)
    result.info.update(info)
    return result
