"""The process that forks a child for each file: `python -m media.decoding.fork_server CONTROL WORK`.

CONTROL: the number of the socket over which the server requests children. For each, it sends one byte
together with two sockets: one for the child's answers, and one on which this process reports how it ended.
WORK: the module whose `work(channel)` a child runs; it is imported once, here.

This process has one thread and no lock, so it may fork at any moment. It ends with the server, and its
children with it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Callable

from media.decoding.messages import Channel

STATUS = struct.Struct("!i")
"""How a child ended: its exit code, or the negative number of the signal."""


def main(arguments: list[str]) -> None:
    """Serve until the server is gone; in a child, do its work."""
    control = socket.socket(fileno=int(arguments[0]))
    work: Callable[[Channel], None] = importlib.import_module(arguments[1]).work
    gc.freeze()  # imported modules stay shared with the children
    control.sendall(b"!")  # ready
    answers = _Nursery(control).serve()
    if answers is not None:  # this is a child
        with contextlib.closing(Channel(answers)) as channel:
            work(channel)


class _Nursery:
    """The running children, each with the socket that reports its end."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._status_end: dict[int, socket.socket] = {}
        self._bell, self._ring = socket.socketpair()
        self._bell.setblocking(False)
        self._ring.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._selector.register(self._bell, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._ring.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server

    def serve(self) -> socket.socket | None:
        """Fork and reap until the server is gone. Also returns in every child, with its socket."""
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    message, places, _, _ = socket.recv_fds(self._control, 1, 2)
                    if not message:
                        self._end_all()
                        return None
                    answers, status_end = (socket.socket(fileno=place) for place in places)
                    if self._forked(answers, status_end):
                        return answers
                elif key.fileobj is self._bell:
                    with contextlib.suppress(BlockingIOError):
                        self._bell.recv(4096)
                    self._reap()
                else:  # the server has closed it: the child is no longer needed
                    self._kill(key.data)

    def _forked(self, answers: socket.socket, status_end: socket.socket) -> bool:
        """Fork. Returns whether this is the child."""
        try:
            pid = os.fork()
        except OSError:  # no memory: the server sees both sockets closed without a status
            answers.close()
            status_end.close()
            return False
        if pid == 0:
            self._forget_all(status_end)
            return True
        answers.close()
        self._status_end[pid] = status_end
        self._selector.register(status_end, selectors.EVENT_READ, pid)
        return False

    def _forget_all(self, own: socket.socket) -> None:
        """In a child: close everything that belongs to the helper and to other children."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for other in (own, *self._status_end.values(), self._control, self._bell, self._ring):
            other.close()

    def _reap(self) -> None:
        while self._status_end:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            status_end = self._status_end.pop(pid)
            with contextlib.suppress(OSError, KeyError):
                self._selector.unregister(status_end)
            with contextlib.suppress(OSError):  # the server may no longer be listening
                status_end.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))
            status_end.close()

    def _kill(self, pid: int) -> None:
        """Kill a child; its number is not reused until `_reap` has waited for it."""
        self._selector.unregister(self._status_end[pid])
        os.kill(pid, signal.SIGKILL)

    def _end_all(self) -> None:
        for pid in self._status_end:
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
