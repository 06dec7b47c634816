"""Copies images into memory that FFmpeg's scaler may read beyond."""

from __future__ import annotations

import math

import numpy as np

PADDING = 256
"""Bytes after an image. The scaler's vector code reads rows in whole steps of up to 64 bytes, and so beyond
the last pixel; at the end of mapped memory, that crashes the process.
"""


def padded(picture: np.ndarray) -> np.ndarray:
    """A C-contiguous copy of an array of uint8, with PADDING readable bytes behind it."""
    copy = padded_room(*picture.shape)
    np.copyto(copy, picture, casting="no")
    return copy


def padded_room(*shape: int) -> np.ndarray:
    """An array of uint8 with any content, and PADDING readable bytes behind it."""
    size = math.prod(shape)
    return np.empty(size + PADDING, np.uint8)[:size].reshape(shape)
