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
from typing import Self

from media.errors import OutputError, SpeechError

_READ_AHEAD = 8
"""Pieces that wait to be used."""


async def standard_input(size: int) -> AsyncIterator[bytes]:
    """What comes from the standard input, as soon as it comes, in pieces of `size` bytes at most.

    All have an even number of bytes but the last one. Raises SpeechError if it cannot be read.
    """
    if sys.stdin is None:
        raise SpeechError("The standard input cannot be read: {reason}.", reason="it is closed")
    source = sys.stdin.fileno()
    loop = asyncio.get_running_loop()
    line: asyncio.Queue[bytes | OSError] = asyncio.Queue()
    room = threading.Semaphore(_READ_AHEAD)

    def read() -> None:
        piece: bytes | OSError = b"-"
        with contextlib.suppress(RuntimeError):  # the loop has ended
            while piece and not isinstance(piece, OSError):
                room.acquire()
                try:
                    piece = os.read(source, size)
                except OSError as error:
                    piece = error
                loop.call_soon_threadsafe(line.put_nowait, piece)

    # No pool: the end of a program waits for those, and a read of an idle pipe cannot be cancelled.
    threading.Thread(target=read, name="standard-input", daemon=True).start()
    rest = b""
    while piece := await line.get():
        room.release()
        if isinstance(piece, OSError):
            raise SpeechError("The standard input cannot be read: {reason}.", reason=piece.strerror)
        piece = rest + piece
        even = len(piece) // 2 * 2
        rest = piece[even:]
        yield piece[:even]
    if rest:
        yield rest


class StandardOutput:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._unwatch()
        for end in (self._left, self._leaving):
            os.close(end)
