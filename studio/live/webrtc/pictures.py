"""Converts a live session's pictures for a video encoder."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

LARGEST_SIDE = 720
"""Pixels. aiortc sends at most 1.5 Mbit/s, which suits no larger picture, and encoding costs as pixels do."""
_CLOCK = 90000
_TIME_BASE = Fraction(1, _CLOCK)


class PictureConverter:
    """RGB pictures to yuv420p, one after the other. A picture that comes again is not converted again."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._reformatter = VideoReformatter()
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
        width, height = sent_size(image.shape[1], image.shape[0])
        return self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format="rgb24"),
            width=width,
            height=height,
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            # VP8 names no colours; decoders take these.
            dst_colorspace=Colorspace.ITU601,
            threads=1,
        )


def sent_size(width: int, height: int) -> tuple[int, int]:
    """The size in which a picture is sent: even numbers of pixels, and no side over `LARGEST_SIDE`."""
    scale = min(1.0, LARGEST_SIDE / max(width, height))
    return tuple(max(2, round(side * scale) // 2 * 2) for side in (width, height))  # type: ignore[return-value]
