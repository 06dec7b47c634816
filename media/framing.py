"""Fits a frame into another shape: a part around the face, or the whole frame on a border."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]
Size = tuple[int, int]
Framing = Callable[[np.ndarray], np.ndarray]
"""Converts one (H, W, 3) uint8 frame into another."""

BLURRED_SIDE = 64
"""Pixels of the longer side of the background before it is blurred and enlarged."""
DIMMED = 0.55
"""Brightness of a blurred background, so that the video stands out."""
HEAD_ABOVE, HEAD_BELOW, HEAD_ASIDE = 0.45, 0.15, 0.2
"""Hair, chin and ears outside the points of a face, as fractions of its box."""


@dataclass(frozen=True)
class FrameCrop:
    """A part of a frame, in pixels."""

    left: int
    top: int
    width: int
    height: int


def even(size: float) -> int:
    """The nearest even number of pixels, at least 2: video codecs store one colour for two pixels."""
    return max(2, round(size / 2) * 2)


def head_of(face: Box, size: Size) -> Box:
    """The head around a face's box, clipped to the frame."""
    x0, y0, x1, y1 = face
    width, height = x1 - x0, y1 - y0
    return (
        max(0.0, x0 - HEAD_ASIDE * width),
        max(0.0, y0 - HEAD_ABOVE * height),
        min(float(size[0]), x1 + HEAD_ASIDE * width),
        min(float(size[1]), y1 + HEAD_BELOW * height),
    )


def cut_for(size: Size, target: Size, head: Box | None) -> FrameCrop | None:
    """The largest part of a frame with the target's shape that contains the head; None if it does not fit.

    head: its box during the whole video; None takes the middle.
    """
    scale = min(size[0] / target[0], size[1] / target[1])
    width, height = min(size[0], round(scale * target[0])), min(size[1], round(scale * target[1]))
    x0, y0, x1, y1 = head or (0.5 * size[0], 0.5 * size[1], 0.5 * size[0], 0.5 * size[1])
    if x1 - x0 > width or y1 - y0 > height:
        return None
    left = min(max(0.0, (x0 + x1 - width) / 2), size[0] - width)
    top = min(max(0.0, (y0 + y1 - height) / 2), size[1] - height)
    return FrameCrop(round(left), round(top), width, height)


def cropped(cut: FrameCrop, target: Size) -> Framing:
    """Shows only a part of the frame, scaled to the target's size."""

    def framed(frame: np.ndarray) -> np.ndarray:
        part = frame[cut.top : cut.top + cut.height, cut.left : cut.left + cut.width]
        return resized(part, target)

    return framed


def bordered(size: Size, target: Size, colour: tuple[int, int, int] | None) -> Framing:
    """Shows the whole frame in the middle of the target, on a colour or, for None, on a blurred copy of
    itself.
    """
    scale = min(target[0] / size[0], target[1] / size[1])
    inner = (min(target[0], even(scale * size[0])), min(target[1], even(scale * size[1])))
    left, top = (target[0] - inner[0]) // 2, (target[1] - inner[1]) // 2

    def framed(frame: np.ndarray) -> np.ndarray:
        if colour is None:
            canvas = _blurred(frame, target)
        else:
            canvas = np.empty((target[1], target[0], 3), np.uint8)
            canvas[:] = colour
        canvas[top : top + inner[1], left : left + inner[0]] = resized(frame, inner)
        return canvas

    return framed


def scaled(target: Size) -> Framing:
    """Shows the whole frame in another size of the same shape."""
    return lambda frame: resized(frame, target)


def colour_of(text: str) -> tuple[int, int, int]:
    """Red, green and blue of a colour such as #1a2b3c."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def resized(picture: np.ndarray, size: Size) -> np.ndarray:
    """An (H, W, 3) image in another size: averaged to reduce it, interpolated to enlarge it."""
    import cv2

    if picture.shape[1::-1] == size:
        return picture
    smaller = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=way))


def _blurred(frame: np.ndarray, target: Size) -> np.ndarray:
    """The middle of the frame, enlarged over the whole target, blurred and dimmed."""
    import cv2

    cut = cut_for((frame.shape[1], frame.shape[0]), target, None)
    assert cut is not None  # a point fits everywhere
    part = frame[cut.top : cut.top + cut.height, cut.left : cut.left + cut.width]
    scale = BLURRED_SIDE / max(target)
    small = (max(2, round(scale * target[0])), max(2, round(scale * target[1])))
    soft = cv2.GaussianBlur(resized(part, small), (0, 0), 2.0)
    dim = cv2.convertScaleAbs(soft, alpha=DIMMED, beta=0)
    return np.asarray(cv2.resize(dim, target, interpolation=cv2.INTER_CUBIC))
