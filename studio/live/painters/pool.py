"""The processes that paint the live sessions of a server."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

from media.errors import EngineError, LineFull
from studio.live.face_setup import FaceSetup
from studio.live.painters.process import DEADLINES, ENDED, Deadlines, PaintedSession, Painter, PainterGone

CLOSED = "The server is shutting down; it opens no live session."


class Painters:
    """Starts painters when they are needed, and keeps them. Safe to use from several threads.

    most: painters at the same time. Further sessions share them evenly. deadlines: in which they answer.
    """

    def __init__(self, most: int, deadlines: Deadlines = DEADLINES) -> None:
        self._most, self._deadlines = most, deadlines
        self._lock = threading.Lock()
        self._sessions: Counter[Painter] = Counter()
        """How many each painter has; also painters without any."""
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that run."""
        with self._lock:
            return [painter.pid for painter in self._living()]

    def start(self) -> None:
        """Start the process of the next session, if it does not run, without waiting for it.

        Raises EngineError if none can be started, and LineFull after `close`.
        """
        with self._lock:
            self._least_busy()

    def open(self, setup: FaceSetup) -> PaintedSession:
        """Open a session. Slow: call it in a thread.

        Raises EngineError if no process can be started, LineFull after `close`, and what `Painter.open`
        raises.
        """
        for _ in range(self._most + 1):  # each of them may have ended
            with self._lock:
                painter = self._least_busy()
                self._sessions[painter] += 1
            try:
                return painter.open(setup, partial(self._leave, painter))
            except PainterGone:  # another one takes its place
                self._leave(painter)
            except BaseException:
                self._leave(painter)
                raise
        raise EngineError(ENDED)

    def close(self) -> None:
        """End all painters, and with them their sessions."""
        with self._lock:
            painters, self._closed = list(self._sessions), True
            self._sessions.clear()
        for painter in painters:
            painter.close()

    def _living(self) -> list[Painter]:
        for painter in [one for one in self._sessions if not one.alive]:
            del self._sessions[painter]
        return list(self._sessions)

    def _least_busy(self) -> Painter:
        """The painter for the next session."""
        if self._closed:
            raise LineFull(CLOSED)
        living = self._living()
        least = min(living, key=self._sessions.__getitem__, default=None)
        if least is None or (self._sessions[least] and len(living) < self._most):
            least = Painter(self._deadlines)
            self._sessions[least] = 0
        return least

    def _leave(self, painter: Painter) -> None:
        with self._lock:
            if painter in self._sessions:
                self._sessions[painter] -= 1
