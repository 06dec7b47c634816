"""Writes a video while its frames are being made."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np

from media.errors import OutputError
from media.output_file import OutputFile, explain_output_error
from media.partial_frames import PartialFrames
from media.video_encoder import VideoEncoder, VideoSound
from media.yuv_converter import Piece

QUEUE_BYTES = 24_000_000


class VideoWriter:
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
        self._fps = Fraction(fps).limit_denominator(1001)
        self._written = 0
        self._finished = False
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._seal = seal
        self._file = OutputFile(path)
        try:
            self._encoder = VideoEncoder(
                self._file.path, self._size, self._fps, sound, quality, frames, metadata or {}
            )
        except BaseException as error:
            self._file.discard()
            raise self._explain(error) from error
        room = max(2, min(32, QUEUE_BYTES // (width * height * 3)))
        self._queue: queue.Queue[Piece | None] = queue.Queue(room)
        self._thread = threading.Thread(target=self._work, name="joystudio-video", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """The path of the video."""
        return self._file.target

    def write(self, frames: np.ndarray | PartialFrames) -> None:
        """Add frames: (n, H, W, 3) uint8 RGB, copied, so the caller may reuse the array. Of partial frames,
        only the changed rectangle is copied and converted; the video is the same.

        Raises OutputError if an earlier frame could not be written, ValueError for a wrong shape.
        """
        if self._finished:
            raise ValueError("this video is closed")
        frames = frames if isinstance(frames, PartialFrames) else np.asarray(frames)
        picture = (self._size[1], self._size[0], 3)
        if frames.ndim != 4 or frames.shape[1:] != picture or frames.dtype != np.uint8:
            raise ValueError(f"frames must be (n, *{picture}) uint8, not {frames.shape} {frames.dtype}")
        for piece in self._encoder.converter.pieces(frames):
            self._raise_error()
            self._queue.put(piece)
            self._written += 1

    def close(self) -> None:
        """Wait for the encoder, finish the file and give it its name. A second call does nothing.

        Raises OutputError if any part of the video could not be written; then no file is left.
        """
        if self._finished:
            if self._error is not None:
                raise self._explain(self._error) from self._error
            return
        self._finished = True
        self._queue.put(None)
        self._thread.join()
        if self._error is None and self._written == 0:
            self._error = OutputError("No frame was written, so there is no video.")
        if self._error is not None:
            self._file.discard()
            raise self._explain(self._error) from self._error
        if self._seal is not None:
            try:
                self._seal(self._file.path)
            except BaseException:  # Ctrl-C, or a video that is no longer wanted
                self._file.discard()
                raise
        self._file.keep()

    def abort(self) -> None:
        """Stop and remove the unfinished file. Does nothing after close()."""
        if self._finished:
            return
        self._finished = True
        self._stopped.set()
        self._queue.put(None)
        self._thread.join()
        self._file.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _work(self) -> None:
        while (piece := self._queue.get()) is not None:
            if self._error is None and not self._stopped.is_set():  # otherwise only make room for write()
                try:
                    self._encoder.add(piece)
                except BaseException as error:
                    self._error = error
        try:
            self._encoder.finish(whole=self._error is None and not self._stopped.is_set())
        except BaseException as error:
            self._error = self._error or error

    def _raise_error(self) -> None:
        if self._error is not None:
            self.abort()
            raise self._explain(self._error) from self._error

    def _explain(self, error: BaseException) -> BaseException:
        if isinstance(error, (OSError, av.error.FFmpegError)):
            return explain_output_error(error, self._file.target)
        return error
