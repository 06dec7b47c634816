"""The process that paints: `python -m studio.live.painters.child CONTROL`.

CONTROL: the number of the socket over which the server sends sessions, each as one byte with the session's
socket. One thread paints all sessions, one frame after the other; another opens them, because that takes
longer than a frame.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import pickle
import queue
import selectors
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np

from studio.live.face_worker import FaceWorker, FrameWork
from studio.live.painters.messages import (
    CHANGED,
    LEFT_OUT,
    SAME,
    FaceOpened,
    failure,
    packed,
    packed_curves,
    receive,
)
from studio.live.painters.pictures import Slots, anonymous_file

if TYPE_CHECKING:
    from studio.live.face_setup import FaceSetup

SWITCH = 0.0005
"""Seconds after which the thread that opens sessions lets the one that paints go on."""


class Session:
    """One session: answers each request with a frame."""

    def __init__(self, channel: socket.socket, worker: FaceWorker, slots: Slots, memory: mmap.mmap) -> None:
        self._channel, self._worker, self._slots, self._memory = channel, worker, slots, memory
        self._shown: np.ndarray | None = None
        """The picture that the server has."""

    def answer(self) -> bool:
        """Make the frame that is asked for. Returns whether the session goes on."""
        request = receive(self._channel)
        if not request:
            return False
        self._channel.sendall(packed(self._made(request)))
        return True

    def _made(self, request: bytes) -> bytes:
        work: FrameWork
        slot, work = pickle.loads(request)
        try:
            made = self._worker.make(work)
        except Exception as error:
            return failure(error)
        picture, curves = made.picture, packed_curves(made.curves)
        if picture is None:
            return LEFT_OUT + curves
        if picture is self._shown:
            return SAME + curves
        self.show(picture, slot)
        return CHANGED + curves

    def show(self, picture: np.ndarray, slot: int) -> None:
        """Write a picture where the server finds it."""
        self._shown = picture
        self._slots.picture(self._memory, slot).reshape(self._slots.shape)[:] = picture


def opened(channel: socket.socket) -> Session | None:
    """Open the session that is asked for, and say how that went. None if there is none."""
    try:
        request = receive(channel)
        if not request:
            return None
        try:
            session, answer, file = _made(channel, pickle.loads(request))
        except Exception as error:
            channel.sendall(packed(failure(error)))
            return None
        try:
            socket.send_fds(channel, [packed(answer)], [file])
        finally:
            os.close(file)
        return session
    except OSError:  # the server has closed it
        return None


def _made(channel: socket.socket, setup: FaceSetup) -> tuple[Session, bytes, int]:
    """A session, the answer that says so, and the open file of its pictures."""
    face = setup.face()
    image = face.paint()
    slots = Slots(image.shape)
    file = anonymous_file(slots.size)
    try:
        session = Session(channel, FaceWorker(face), slots, mmap.mmap(file, slots.size))
    except BaseException:
        os.close(file)
        raise
    session.show(image, 0)
    return session, CHANGED + FaceOpened(face.fps, face.look_ahead, slots.shape).body, file


class PaintingServer:
    """All sessions of this process. control: see the module."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._coming: queue.SimpleQueue[socket.socket] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[tuple[socket.socket, Session]] = queue.SimpleQueue()
        self._bell, self._ring = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for source in (control, self._bell):
            self._selector.register(source, selectors.EVENT_READ)

    def paint(self) -> None:
        """Paint until the server is gone."""
        threading.Thread(target=self._open, name="opening", daemon=True).start()
        while self._take_turns():
            pass

    def _take_turns(self) -> bool:
        """Wait for whatever comes, and serve it. Returns whether the server is still there."""
        # Nothing here may refer to a session while this process waits: its memory would stay.
        for key, _ in self._selector.select():
            if key.fileobj is self._control:
                message, files, _, _ = socket.recv_fds(self._control, 1, 1)
                if not message:
                    return False
                self._coming.put(socket.socket(fileno=files[0]))
            elif key.fileobj is self._bell:
                self._bell.recv(1)
                channel, session = self._ready.get()
                self._selector.register(channel, selectors.EVENT_READ, session)
            else:
                self._go_on(key)
        return True

    def _go_on(self, key: selectors.SelectorKey) -> None:
        channel, session = key.fileobj, key.data
        assert isinstance(channel, socket.socket)
        goes_on = False
        with contextlib.suppress(OSError):  # the server has closed it
            goes_on = session.answer()
        if not goes_on:
            self._selector.unregister(channel)
            channel.close()

    def _open(self) -> None:
        while True:
            self._open_one(self._coming.get())

    def _open_one(self, channel: socket.socket) -> None:
        session = opened(channel)
        if session is None:
            channel.close()
        else:
            self._ready.put((channel, session))
            self._ring.send(b"+")


def main(arguments: list[str]) -> None:
    """Paint until the server is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server
    sys.setswitchinterval(SWITCH)
    PaintingServer(socket.socket(fileno=int(arguments[0]))).paint()


if __name__ == "__main__":
    main(sys.argv[1:])
