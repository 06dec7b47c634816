"""The server's side of one file: the connection to the child that decodes it."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

from media.decoding.fork_server import STATUS
from media.decoding.messages import Channel, Ended, Garbled, NoAnswerInTime
from media.messages import said

PATIENCE = 2.0
"""Seconds in which the helper reports how a child ended, and in which it ends itself."""


class ChildFailed(Exception):
    """A child gave no answer; the text gives the reason with its number."""


class HelperLost(Exception):
    """The helper has ended, with all its children; a new one can be started."""

    def __init__(self) -> None:
        super().__init__("the decoders' helper process ended")


class Child:
    """The connection to the process that decodes one file. Closing it ends the process."""

    def __init__(self, answers: socket.socket, status_end: socket.socket) -> None:
        self._channel = Channel(answers)
        self._status_end = status_end
        self._owner = os.getpid()

    def ask(self, request: dict[str, Any], body: bytes = b"") -> None:
        """Send the request. Raises ChildFailed or HelperLost."""
        try:
            self._channel.send(request, body)
        except Ended:
            raise self._ended() from None

    def answer(self, most: int, seconds: float) -> tuple[dict[str, Any], bytearray]:
        """Its next message. Raises ChildFailed or HelperLost.

        most: largest number of bytes after the header. seconds: until the whole message has arrived.
        """
        try:
            return self._channel.receive(most, seconds)
        except NoAnswerInTime:
            raise ChildFailed(said("it took longer than {seconds:g} s", seconds=seconds)) from None
        except Garbled as error:
            raise ChildFailed(f"the decoder answered with {error}") from None
        except Ended:
            raise self._ended() from None

    def close(self) -> None:
        """End the child, if it has not ended by itself. A second call does nothing.

        A process that was forked in the meantime has copies of both sockets; they end nothing, and the child
        ends although they stay open.
        """
        self._channel.close()
        if self._owner == os.getpid():
            with contextlib.suppress(OSError):  # already closed, or the helper has ended
                self._status_end.shutdown(socket.SHUT_RDWR)
        self._status_end.close()

    def _ended(self) -> Exception:
        self._status_end.settimeout(PATIENCE)
        try:
            status = self._status_end.recv(STATUS.size)
        except OSError:
            return ChildFailed("the decoder stopped answering")
        if len(status) < STATUS.size:
            return HelperLost()
        (code,) = STATUS.unpack(status)
        if code in _OUT_OF_TIME:
            return ChildFailed("it took too much processor time")
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return ChildFailed(said("the decoder crashed ({how})", how=how))


def _signals() -> frozenset[int]:
    import signal

    known = getattr(signal, "SIGXCPU", None)
    return frozenset() if known is None else frozenset({-int(known)})


_OUT_OF_TIME = _signals()
