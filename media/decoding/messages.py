"""Messages between a server and its decoding child: a JSON header, then raw bytes.

Format: the header's length as four bytes, big-endian; the header, a JSON object whose "bytes" is the number
of following bytes; these bytes. The child's side is not trusted: every length is checked before memory is
allocated for it.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

MOST_HEADER = 65_536
"""Bytes of a header."""
_LENGTH = struct.Struct("!I")


class Ended(Exception):
    """The other side has closed the connection."""


class Garbled(Exception):
    """The other side sent an invalid message; the text gives the reason with its number."""


class NoAnswerInTime(Exception):
    """The other side did not answer in time."""


class Channel:
    """One end of a connection. Used by one thread at a time."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, header: dict[str, Any], body: bytes | bytearray | memoryview = b"") -> None:
        """Send a message. Raises Ended if the other side no longer listens."""
        text = json.dumps(header | {"bytes": len(body)}).encode("ascii")
        try:
            self._connection.sendall(_LENGTH.pack(len(text)) + text)
            if len(body):
                self._connection.sendall(body)
        except OSError as error:
            raise Ended from error

    def receive(self, most: int, seconds: float | None = None) -> tuple[dict[str, Any], bytearray]:
        """The next message's header and bytes.

        most: largest number of bytes after the header. seconds: for the whole message; None waits without a
        limit. Raises Ended, Garbled, or Late.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        if length > MOST_HEADER:
            raise Garbled(f"a header of {length} bytes where {MOST_HEADER} are taken")
        try:
            header = json.loads(self._exactly(length, deadline))
        except (ValueError, RecursionError) as error:
            raise Garbled(f"a header of {length} bytes that is not JSON") from error
        size = header.get("bytes") if isinstance(header, dict) else None
        if type(size) is not int or size < 0:
            raise Garbled(f"a header of {length} bytes without a size")
        if size > most:
            raise Garbled(f"{size} bytes where {most} are taken")
        return header, self._exactly(size, deadline)

    def close(self) -> None:
        """Close this end."""
        self._connection.close()

    def _exactly(self, count: int, deadline: float | None) -> bytearray:
        data = bytearray(count)
        view, got = memoryview(data), 0
        while got < count:
            if deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NoAnswerInTime
                self._connection.settimeout(left)
            try:
                taken = self._connection.recv_into(view[got:])
            except TimeoutError:
                raise NoAnswerInTime from None
            except OSError as error:  # reset: the other side is gone
                raise Ended from error
            if not taken:
                raise Ended
            got += taken
        return data
