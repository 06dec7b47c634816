"""A file that a second thread encodes while its frames are being made, with a name only when it is whole."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import av

from media.closeable import Closeable
from media.errors import OutputError
from media.output_file import OutputFile, explain_output_error

QUEUE_BYTES = 24_000_000
_Piece_contra = TypeVar("_Piece_contra", contravariant=True)
_Piece = TypeVar("_Piece")


class PieceEncoder(Protocol[_Piece_contra]):
    """The container and its streams; used by one thread at a time."""

    def add(self, piece: _Piece_contra) -> None:
        """Encode one piece, and what belongs to its time."""

    def finish(self, whole: bool) -> None:
        """Finish the file; without `whole`, only release everything."""


class BackgroundWriter(Closeable, Generic[_Piece]):
    """Hands pieces to an encoder in another thread, through a queue of limited size.

    Use it as a context manager: leaving it finishes the file and gives it its name; leaving it with an
    exception removes it.
    """

    def __init__(
        self,
        path: Path | str,
        encoder: Callable[[Path], PieceEncoder[_Piece]],
        *,
        piece_bytes: int,
        seal: Callable[[Path], None] | None = None,
    ) -> None:
        """encoder: made for the unfinished file. piece_bytes: of one piece, for the length of the queue.
        seal: called on the finished file before it gets its name. It may replace the file only with an
        OutputFile, and its errors remove the file.

        Raises OutputError if the file cannot be created there.
        """
        self._written = 0
        self._finished = False
        self._error: BaseException | None = None
        self._stopped = threading.Event()
        self._seal = seal
        self._file = OutputFile(path)
        try:
            self._encoder = encoder(self._file.path)
        except BaseException as error:
            self._file.discard()
            raise self._explain(error) from error
        self._queue: queue.Queue[_Piece | None] = queue.Queue(max(2, min(32, QUEUE_BYTES // piece_bytes)))
        self._thread = threading.Thread(target=self._work, name="joystudio-video", daemon=True)
        self._thread.start()

    @property
    def path(self) -> Path:
        """The path of the video."""
        return self._file.target

    def put(self, piece: _Piece) -> None:
        """Add a piece. Raises OutputError if an earlier one could not be written."""
        self._check_open()
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

    def _check_open(self) -> None:
        if self._finished:
            raise ValueError("this video is closed")

    def _work(self) -> None:
        while (piece := self._queue.get()) is not None:
            if self._error is None and not self._stopped.is_set():  # otherwise only make room for put()
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
