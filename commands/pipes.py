"""The standard input and output as pipes, either of which may be closed, or idle, for as long as it likes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import stat
import sys
import threading
from collections.abc import AsyncIterator

from media.closeable import Closeable
from media.errors import OutputError, VoiceError

_READ_AHEAD = 8
"""Pieces that wait to be used."""


class StandardInput:
    """What comes from the standard input, as soon as it comes, for one `async for`.

    The pieces have an even number of bytes, `size` at most. Raises VoiceError if it cannot be read, and
    after the last piece if it ended in the middle of a sample.
    """

    def __init__(self, size: int) -> None:
        """Belongs to the running event loop. size: bytes, an even number."""
        if sys.stdin is None:
            raise VoiceError("The standard input cannot be read: {reason}.", reason="it is closed")
        self._source, self._size = sys.stdin.fileno(), size
        self._loop = asyncio.get_running_loop()
        self._line: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self._room = threading.Semaphore(_READ_AHEAD)
        self._read_bytes = 0
        self._ends_at: int | None = None
        """Bytes, once it ends before the pipe does."""

    def end(self) -> None:
        """End after what was read already, and what the pipe holds now."""
        if self._ends_at is None:
            self._ends_at = self._read_bytes + held_by_pipe(self._source)
            self._line.put_nowait(None)  # in case the loop waits for more

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces."""
        # No pool: the end of a program waits for those, and a read of an idle pipe cannot be cancelled.
        threading.Thread(target=self._read, name="standard-input", daemon=True).start()
        rest, count = b"", 0
        while self._ends_at is None or count < self._ends_at:
            piece = await self._line.get()
            if piece is None:
                continue
            if not piece:
                break
            self._room.release()
            if isinstance(piece, OSError):
                raise VoiceError("The standard input cannot be read: {reason}.", reason=piece.strerror)
            if isinstance(piece, Exception):
                raise piece
            count += len(piece)
            piece = rest + piece
            even = len(piece) // 2 * 2
            rest = piece[even:]
            yield piece[:even]
        if rest and self._ends_at is None:
            raise VoiceError(
                "The standard input ended in the middle of a sample: {count} bytes are an odd number, and a "
                "sample of mono 16 bit PCM has two. Check what makes it.",
                count=count,
            )

    def _read(self) -> None:
        piece: bytes | Exception = b"-"
        with contextlib.suppress(RuntimeError):  # the loop has ended
            while piece and not isinstance(piece, Exception):
                self._room.acquire()
                try:
                    piece = self._read_piece()
                except Exception as error:  # of any kind: the loop waits for it
                    piece = error
                self._loop.call_soon_threadsafe(self._line.put_nowait, piece)

    def _read_piece(self) -> bytes:
        while True:
            try:
                piece = os.read(self._source, self._size)
                self._read_bytes += len(piece)
                return piece
            except BlockingIOError:  # another program left the pipe in that mode
                select.select([self._source], [], [])


def held_by_pipe(source: int) -> int:
    """Bytes that a pipe holds, which its writer is rid of; 0 of anything else."""
    if not stat.S_ISFIFO(os.fstat(source).st_mode):
        return 0
    import fcntl  # late: Windows has none
    import termios

    return int.from_bytes(fcntl.ioctl(source, termios.FIONREAD, bytes(4)), sys.byteorder)


class StandardOutput(Closeable):
    """The standard output, for a program that writes bytes. It may be closed at its other end at any time.

    gone: set then; what is written after that is dropped. Use it as a context manager. Raises OutputError.
    """

    def __init__(self) -> None:
        if sys.stdout is None:
            raise OutputError("The standard output cannot be written: {reason}.", reason="it is closed")
        self._target = sys.stdout.fileno()
        self.gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._left, self._leaving = os.pipe()
        # Only of a pipe does the loop say that its other end was closed.
        self._watched = stat.S_ISFIFO(os.fstat(self._target).st_mode)
        if self._watched:
            self._loop.add_reader(self._target, self.leave)

    def write(self, data: bytes) -> int:
        """Write all of it, from any thread; or none after `leave`. Raises OutputError."""
        rest = memoryview(data)
        while rest:
            left, _, _ = select.select([self._left], [self._target], [])
            if left:
                break
            try:
                rest = rest[
                    os.write(self._target, rest[: select.PIPE_BUF]) :
                ]  # so much never waits for a reader
            except BrokenPipeError:
                self._loop.call_soon_threadsafe(self.leave)
                break
            except OSError as error:
                raise OutputError(
                    "The standard output cannot be written: {reason}.", reason=error.strerror
                ) from None
        return len(data)

    def leave(self) -> None:
        """Write nothing more, also where `write` waits now because nothing reads."""
        if not self.gone.is_set():
            self.gone.set()
            os.write(self._leaving, b"\0")
            self._unwatch()

    def _unwatch(self) -> None:
        if self._watched:
            self._watched = False
            self._loop.remove_reader(self._target)

    def close(self) -> None:
        """Release what waiting for the other end takes; the standard output stays open."""
        self._unwatch()
        for end in (self._left, self._leaving):
            os.close(end)
