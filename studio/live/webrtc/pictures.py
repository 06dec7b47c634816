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
_COLOUR_RANGE = 224 / 255
"""What BT.601 leaves of a colour difference's range."""


class PictureConverter:
    """RGB pictures to yuv420p, one after the other. A picture that comes again is not converted again."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._reformatter = VideoReformatter()
        self._planes: np.ndarray | None = None
        self._image: np.ndarray | None = None
        self._frame: av.VideoFrame | None = None

    def convert(self, image: np.ndarray, frame_index: int) -> av.VideoFrame:
        """image: (H, W, 3) uint8 RGB. The result is valid until the next call, and has the frame's time."""
        if image is not self._image or self._frame is None:
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
        """By OpenCV, in half the processor time that FFmpeg takes."""
        height, width = image.shape[:2]
        if self._planes is None or self._planes.shape != (height * 3 // 2, width):
            self._planes = np.empty((height * 3 // 2, width), np.uint8)
        luma = self._planes[:height]
        blue, red = self._planes[height:].reshape(2, height // 2, width // 2)
        rows = max(_PIXELS_AT_ONCE // width // 2, 1) * 2
        for top in range(0, height, rows):
            strip, half = slice(top, top + rows), slice(top // 2, (top + rows) // 2)
            pixels = image[strip]
            luma[strip] = cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420)[: len(pixels)]
            # Its colours are those of one pixel in four. The mean of the four gives no fringes.
            mean = cv2.resize(pixels, (width // 2, len(pixels) // 2), interpolation=cv2.INTER_AREA)
            colours = cv2.cvtColor(mean, cv2.COLOR_RGB2YCrCb)
            cv2.convertScaleAbs(colours, colours, _COLOUR_RANGE, 128 * (1 - _COLOUR_RANGE))
            cv2.extractChannel(colours, 1, red[half])
            cv2.extractChannel(colours, 2, blue[half])
        return av.VideoFrame.from_numpy_buffer(self._planes, format="yuv420p")

    def _resized(self, image: np.ndarray, width: int, height: int) -> av.VideoFrame:
        return self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format="rgb24"),
            width=width,
            height=height,
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU601,
            threads=1,
        )


def sent_size(width: int, height: int) -> tuple[int, int]:
    """The size in which a picture is sent: even numbers of pixels, and no side over `LARGEST_SIDE`."""
    scale = min(1.0, LARGEST_SIDE / max(width, height))
    return tuple(max(2, round(side * scale) // 2 * 2) for side in (width, height))  # type: ignore[return-value]
