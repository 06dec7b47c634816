"""Small stills of a video or of any image."""

from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image

from media.errors import InputError
from media.video_reader import VideoReader


def thumbnail(video: Path | str, side: int = 320) -> bytes:
    """The first frame as a JPEG whose longest side is at most `side` pixels.

    Raises InputError if the video cannot be read.
    """
    with closing(iter(VideoReader(video))) as pictures:  # type: ignore[type-var]
        picture = next(pictures, None)
    if picture is None:
        raise InputError('There are no frames in "{video}"; choose a video file.', video=video)
    return small_jpeg(picture, side)


def file_as_jpeg(picture: Path, side: int = 320) -> bytes:
    """A picture of this program, in a file, as a JPEG whose longest side is at most `side` pixels.

    Not for uploads, which are decoded in a process of their own.
    """
    with Image.open(picture) as image:
        image.draft("RGB", (side, side))
        return _jpeg(image.convert("RGB"), side)


def small_jpeg(picture: np.ndarray, side: int = 320) -> bytes:
    """An (h, w, 3) uint8 RGB image as a JPEG whose longest side is at most `side` pixels."""
    return _jpeg(Image.fromarray(picture), side)


def _jpeg(image: Image.Image, side: int) -> bytes:
    image.thumbnail((side, side))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()
