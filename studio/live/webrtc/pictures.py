"""Converts a live session's pictures for a video encoder."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

LARGEST_SIDE = 720
"""Pixels. aiortc sends at most 1.5 Mbit/s, which suits no larger picture, and encoding costs as pixels do."""
_CLOCK = 90000
_TIME_BASE = Fraction(1, _CLOCK)
_PIXELS_AT_ONCE = 64_000
"""They stay in a core's cache, and OpenCV converts so few without threads of its own."""
_COLOUR_DIFFERENCES = np.rint((np.arange(256) - 128) * 224 / 255 + 128).astype(np.uint8)
"""Those of 0 to 255 in the range that BT.601 leaves them."""


class PictureConverter:
    """RGB pictures to yuv420p, one after the other. A picture that comes again is not converted again."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._reformatter = VideoReformatter()
        self._planes = np.empty((0, 0), np.uint8)
        """Of the last picture that was sent in its own size."""
        self._image: np.ndarray | None = None
        self._frame: av.VideoFrame | None = None

    def convert(self, image: np.ndarray, frame_index: int) -> av.VideoFrame:
        """image: (H, W, 3) uint8 RGB. The result is valid until the next call, and has the frame's time."""
        if image is not self._image or self._frame is None:
            image = np.ascontiguousarray(image)
            self._frame, self._image = self._converted(image), image
        frame = self._frame
        frame.pict_type = 0  # a key frame that was asked for is not asked for again
        frame.pts, frame.time_base = frame_index * _CLOCK // self._fps, _TIME_BASE
        return frame

    def _converted(self, image: np.ndarray) -> av.VideoFrame:
        height, width = image.shape[:2]
        size = sent_size(width, height)
        frame = self._same_size(image) if size == (width, height) else self._resized(image, *size)
        # VP8 names no colours; decoders take these.
        frame.color_range, frame.colorspace = ColorRange.MPEG, Colorspace.ITU601
        return frame

    def _same_size(self, image: np.ndarray) -> av.VideoFrame:
        """By OpenCV, in half of FFmpeg's processor time, and only where it differs from the last one."""
        height, width = image.shape[:2]
        if self._image is not None and self._image.shape == image.shape:
            x0, y0, x1, y1 = changed_box(self._image, image)
        else:
            self._planes = np.empty((height * 3 // 2, width), np.uint8)
            x0, y0, x1, y1 = 0, 0, width, height
        luma = self._planes[:height]
        blue, red = self._planes[height:].reshape(2, height // 2, width // 2)
        rows = max(_PIXELS_AT_ONCE // max(x1 - x0, 1) // 2, 1) * 2
        for top in range(y0, y1, rows):
            bottom = min(top + rows, y1)
            pixels = image[top:bottom, x0:x1]
            luma[top:bottom, x0:x1] = cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420)[: bottom - top]
            # Its colours are those of one pixel in four. The mean of the four gives no fringes.
            size = (x1 - x0) // 2, (bottom - top) // 2
            colours = cv2.cvtColor(
                cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2YCrCb
            )
            for channel, plane in ((1, red), (2, blue)):
                part = plane[top // 2 : bottom // 2, x0 // 2 : x1 // 2]
                part[:] = cv2.LUT(cv2.extractChannel(colours, channel), _COLOUR_DIFFERENCES)
        return av.VideoFrame.from_numpy_buffer(self._planes, format="yuv420p")

    def _resized(self, image: np.ndarray, width: int, height: int) -> av.VideoFrame:
        return self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(image, format="rgb24"),
            width=width,
            height=height,
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU601,
            threads=1,
        )


def changed_box(before: np.ndarray, image: np.ndarray) -> tuple[int, int, int, int]:
    """The smallest rectangle (x0, y0, x1, y1) of even numbers in which two pictures differ.

    before, image: (H, W, 3) uint8 of one shape, without a gap, of even numbers. Without a difference, the
    rectangle is empty.
    """
    height, width = image.shape[:2]
    # As few numbers as a row's bytes make: to compare bytes takes many times as long.
    wide = next(
        kind for kind in (np.uint64, np.uint32, np.uint16) if 3 * width % np.dtype(kind).itemsize == 0
    )
    other = before.reshape(height, -1).view(wide) != image.reshape(height, -1).view(wide)
    rows, across = np.flatnonzero(other.any(axis=1)), np.flatnonzero(other.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    size = np.dtype(wide).itemsize
    x0, x1 = int(across[0]) * size // 3, -(-(int(across[-1]) + 1) * size // 3)
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    return x0 // 2 * 2, y0 // 2 * 2, min(-(-x1 // 2) * 2, width), -(-y1 // 2) * 2


def sent_size(width: int, height: int) -> tuple[int, int]:
    """The size in which a picture is sent: even numbers of pixels, and no side over `LARGEST_SIDE`."""
    scale = min(1.0, LARGEST_SIDE / max(width, height))
    return tuple(max(2, round(side * scale) // 2 * 2) for side in (width, height))  # type: ignore[return-value]
