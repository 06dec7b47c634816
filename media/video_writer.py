"""Writes a video while its frames are being made."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from media.background_writer import BackgroundWriter
from media.errors import OutputError
from media.partial_frames import PartialFrames
from media.video_encoder import VideoEncoder, VideoSound
from media.yuv_converter import Piece, YuvConverter


class VideoWriter(BackgroundWriter[Piece]):
    """An mp4 (H.264, yuv420p, AAC), encoded in a separate thread while frames arrive.

    Use it as a context manager: leaving it finishes the file and gives it its name; leaving it with an
    exception removes it. Memory does not depend on the video's length.
    """

    def __init__(
        self,
        path: Path | str,
        size: tuple[int, int],
        fps: float | Fraction,
        *,
        sound: VideoSound | None = None,
        quality: int = 20,
        frames: int | None = None,
        metadata: dict[str, str] | None = None,
        seal: Callable[[Path], None] | None = None,
    ) -> None:
        """size: (width, height), even; quality: 0..51, smaller is better (`steady_options`).

        frames: the number of frames, if known; key frames are then spaced evenly. seal: called on the
        finished file before it gets its name. It may replace the file only with an OutputFile, and its errors
        remove the file.

        Raises OutputError if the file cannot be created there or the size is odd.
        """
        width, height = size
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise OutputError(
                "A video has even sides of at least 2 pixels, not {width}x{height}.",
                width=width,
                height=height,
            )
        if not 0 <= quality <= 51:
            raise OutputError(
                "The video's quality is {quality}; it must lie between 0 (best) and 51.", quality=quality
            )
        self._size = (width, height)
        rate = Fraction(fps).limit_denominator(1001)
        self._converter = YuvConverter(self._size, self._size, exact=True)
        super().__init__(
            path,
            lambda file: VideoEncoder(
                file, self._converter, self._size, rate, sound, quality, frames, metadata or {}
            ),
            piece_bytes=width * height * 3,
            seal=seal,
        )

    def write(self, frames: np.ndarray | PartialFrames) -> None:
        """Add frames: (n, H, W, 3) uint8 RGB, copied, so the caller may reuse the array. Of partial frames,
        only the changed rectangle is copied and converted; the video is the same.

        Raises OutputError if an earlier frame could not be written, ValueError for a wrong shape.
        """
        self._check_open()
        frames = frames if isinstance(frames, PartialFrames) else np.asarray(frames)
        picture = (self._size[1], self._size[0], 3)
        if frames.ndim != 4 or frames.shape[1:] != picture or frames.dtype != np.uint8:
            raise ValueError(f"frames must be (n, *{picture}) uint8, not {frames.shape} {frames.dtype}")
        for piece in self._converter.pieces(frames):
            self.put(piece)
