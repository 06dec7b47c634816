"""Copies pictures into memory that FFmpeg's scaler may read beyond."""

from __future__ import annotations

import numpy as np

PADDING = 256
"""Bytes behind a picture. The scaler's vector code reads rows in whole steps, of up to 64 bytes, and so
beyond the last pixel; where that is the last byte of mapped memory, the process dies."""


def padded(picture: np.ndarray) -> np.ndarray:
    """A C-contiguous copy of an array of uint8, with PADDING readable bytes behind it."""
    memory = np.empty(picture.size + PADDING, np.uint8)
    copy = memory[: picture.size].reshape(picture.shape)
    np.copyto(copy, picture, casting="no")
    return copy
