"""Messages between the server and a painter: a length, and that many bytes.

Both ends are this program's own processes, and nothing of a stranger's goes over their sockets except numbers
in arrays: so requests and errors are pickled.
"""

from __future__ import annotations

import os
import pickle
import socket
import struct
import traceback
from dataclasses import dataclass
from typing import Any

from media.errors import EngineError

LENGTH = struct.Struct("!I")
CHANGED, SAME, LEFT_OUT, FAILED = b"c", b"s", b"l", b"f"
"""The first byte of an answer: there is a picture, it is the one before, none was wanted, or an error."""


@dataclass(frozen=True)
class Opened:
    """What the server learns of a session that was opened. Its first picture is in slot 0."""

    fps: int
    look_ahead: int
    shape: tuple[int, ...]


def packed(body: bytes) -> bytes:
    """A message with its length before it."""
    return LENGTH.pack(len(body)) + body


def receive(source: socket.socket) -> bytes:
    """The next message; empty when the other end is closed. source: a blocking socket."""
    return _exactly(source, size) if (size := _length(_exactly(source, LENGTH.size))) else b""


def receive_with_file(source: socket.socket) -> tuple[bytes, int | None]:
    """The next message, as `receive`, and the file that was sent with it, open; none without a message.

    source: it may have a timeout. Raises TimeoutError.
    """
    head, files, _, _ = socket.recv_fds(source, LENGTH.size, 1)
    body = b""
    try:
        head += _exactly(source, LENGTH.size - len(head)) if head else b""
        size = _length(head)
        body = _exactly(source, size) if size else b""
    finally:
        if not body:
            for file in files:
                os.close(file)
    return body, files[0] if body and files else None


def failure(error: Exception) -> bytes:
    """The message of an error. Where it happened is a note of it."""
    error.add_note("In the process that paints:\n" + "".join(traceback.format_exception(error)))
    try:
        pickled = pickle.dumps(error)
        pickle.loads(pickled)  # some errors can be pickled, and not read again
    except Exception:
        pickled = pickle.dumps(EngineError(f"{type(error).__name__}: {error}"))
    return FAILED + pickled


def failed(body: bytes) -> Exception:
    """The error of a message by `failure`."""
    error: Any = pickle.loads(body[1:])
    assert isinstance(error, Exception)
    return error


def _length(head: bytes) -> int:
    return int(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else 0


def _exactly(source: socket.socket, count: int) -> bytes:
    """That many bytes; empty if the other end is closed before."""
    found = bytearray()
    while len(found) < count:
        part = source.recv(count - len(found))
        if not part:
            return b""
        found += part
    return bytes(found)
