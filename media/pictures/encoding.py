"""Pictures as bytes, for programs and browsers that show them at once."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

Encoding = Literal["jpeg", "png", "rgb"]
JPEG_QUALITY = 85
"""Of 100. A face at 512x512 takes about 35 kB and half a millisecond."""
PNG_LEVEL = 1
"""Of 9: a level more takes longer than a frame lasts at 1280x1280."""
_PARAMETERS = {
    "jpeg": (".jpg", [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]),
    "png": (".png", [cv2.IMWRITE_PNG_COMPRESSION, PNG_LEVEL]),
}


def encoded(image: np.ndarray, encoding: Encoding) -> bytes:
    """The picture as the bytes of a JPEG or PNG file, or its pixels, row by row.

    image: (H, W, 3) uint8 RGB. OpenCV encodes without Python's lock, so other threads go on.
    """
    if encoding == "rgb":
        return image.tobytes()
    ending, parameters = _PARAMETERS[encoding]
    done, data = cv2.imencode(ending, cv2.cvtColor(image, cv2.COLOR_RGB2BGR), parameters)
    assert done  # it fails for pictures without pixels only
    return bytes(data)
