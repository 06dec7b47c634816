"""Processes that end: portraits that end or stop the process that opens them, and what waits for its end."""

from __future__ import annotations

import os
import select
import signal
import threading

from engines.live import LiveFace
from studio.live.face_setup import FaceSetup


class DeadlySetup(FaceSetup):
    """Ends the process that opens it, as a fault of a library written in C would."""

    def face(self) -> LiveFace:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


class HangingSetup(FaceSetup):
    """Stops the process that opens it, which lives on and answers no more."""

    def face(self) -> LiveFace:
        os.kill(os.getpid(), signal.SIGSTOP)
        threading.Event().wait()  # another of its threads may receive the signal first
        raise AssertionError


class Watched:
    """A process of this user. pid: its number, while it runs."""

    def __init__(self, pid: int) -> None:
        self._file = os.pidfd_open(pid)

    def ended(self, seconds: float = 30.0) -> bool:
        """Wait for its end; False if that takes longer."""
        return bool(select.select([self._file], [], [], seconds)[0])

    def close(self) -> None:
        os.close(self._file)
