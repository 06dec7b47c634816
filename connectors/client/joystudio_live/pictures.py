"""Makes arrays of the pictures that come over the socket."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np

from joystudio_live.errors import LiveError

FORMATS = ("rgb", "jpeg", "png", "none")
"""rgb: raw, for the same computer. jpeg and png: for a network; they need Pillow. none: no pictures."""


def decoder(kind: str, width: int, height: int) -> Callable[[bytes], np.ndarray]:
    """A function that makes an array (height, width, 3) uint8 RGB, read-only, of a picture's bytes.

    Raises LiveError for another format, or if Pillow is not installed.
    """
    if kind not in FORMATS:
        raise LiveError(f"The pictures are to come as {kind!r}, but can come as {', '.join(FORMATS)}.")
    if kind in ("jpeg", "png"):
        return _decoder_with_pillow(kind)

    def raw(data: bytes) -> np.ndarray:
        if len(data) != 3 * width * height:
            raise LiveError(f"A picture of {width}x{height} has {3 * width * height} bytes, not {len(data)}.")
        return np.frombuffer(data, np.uint8).reshape(height, width, 3)

    return raw


def _decoder_with_pillow(kind: str) -> Callable[[bytes], np.ndarray]:
    try:
        from PIL import Image
    except ImportError as error:
        raise LiveError(
            f"Pictures as {kind} need Pillow. Install it with `pip install pillow`, or ask for rgb."
        ) from error

    def decoded(data: bytes) -> np.ndarray:
        with Image.open(io.BytesIO(data), formats=(kind.upper(),)) as image:
            picture = np.asarray(image.convert("RGB"))
        picture.setflags(write=False)
        return picture

    return decoded
