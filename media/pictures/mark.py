"""The visible mark "AI" in a picture."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TEXT = "AI"
_SHARE = 0.06
"""Height of the mark, as a share of the picture's shorter side."""
_LEAST = 14
"""Pixels; smaller letters cannot be read."""
_BOX = (0, 0, 0, 150)
_LETTERS = (255, 255, 255, 255)


class Mark:
    """The mark for pictures of one size, drawn once. It lies in the lower right corner."""

    def __init__(self, width: int, height: int) -> None:
        patch = _drawn(max(_LEAST, round(_SHARE * min(width, height))))
        tall, wide = patch.shape[:2]
        margin = tall // 2
        top, left = max(0, height - tall - margin), max(0, width - wide - margin)
        self._place = slice(top, min(top + tall, height)), slice(left, min(left + wide, width))
        patch = patch[: height - top, : width - left]
        opacity = patch[..., 3:].astype(np.uint16)
        self._added = patch[..., :3] * opacity + 127
        self._left = 255 - opacity

    def on(self, image: np.ndarray) -> np.ndarray:
        """A copy of a picture, (H, W, 3) uint8 RGB, with the mark."""
        marked = image.copy()
        part = marked[self._place]
        part[:] = (part * self._left + self._added) // 255
        marked.flags.writeable = False
        return marked


def _drawn(height: int) -> np.ndarray:
    """The letters in a rounded box, (height, W, 4) uint8 RGBA."""
    font = ImageFont.load_default(0.8 * height)
    left, top, right, bottom = font.getbbox(TEXT)
    width = round(right - left + 0.7 * height)
    image = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), radius=height // 5, fill=_BOX)
    draw.text(((width - left - right) / 2, (height - top - bottom) / 2), TEXT, _LETTERS, font)
    return np.asarray(image)
