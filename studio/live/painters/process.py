"""The server's side of one painter."""

from __future__ import annotations

import logging
import os
import pickle
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass

from media.decoding.helper_process import ONE_THREAD, at_fork, bare_environment, end_process
from media.errors import EngineError
from studio.live.painters.messages import FAILED, Opened, failed, packed, receive_with_file
from studio.live.painters.pictures import SharedPictures, Slots
from studio.live.sitting import Sitting

_log = logging.getLogger("joystudio.live")
CHILD = "studio.live.painters.child"


class PainterGone(Exception):
    """The process has ended; another can be started."""


@dataclass(frozen=True, eq=False)
class Seat:
    """A session that a painter has opened.

    channel: to the painter. pictures: the first one is painted. left: called when the session is over.
    """

    channel: socket.socket
    opened: Opened
    pictures: SharedPictures
    left: Callable[[], None]

    def close(self) -> None:
        """End the session, if nothing else has the channel."""
        self.channel.close()
        self.left()


class Painter:
    """One process that paints sessions. It starts now, and ends with `close` or with this process.

    Threads may share it. Raises EngineError if no process can be started.
    """

    def __init__(self) -> None:
        try:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", CHILD, str(theirs.fileno())],
                    env=os.environ | bare_environment() | ONE_THREAD,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C in a terminal is for the server
                )
        except OSError as error:
            raise EngineError(
                "No process can be started to paint the live session ({reason}); close other programs, or "
                "set JOYSTUDIO_LIVE_PAINTERS to 0.",
                reason=error,
            ) from error
        self._lock = threading.Lock()
        self._end = weakref.finalize(self, end_process, self._process, self._control, os.getpid())
        self._passing: socket.socket | None = None
        at_fork(self._leave)

    @property
    def pid(self) -> int:
        """The process number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs. The first time that it does not, the log says so."""
        code = self._process.poll()
        if code is not None and self._end.alive:
            _log.warning("A process that paints live sessions ended with exit code %d.", code)
            self.close()
        return code is None

    def open(self, sitting: Sitting, left: Callable[[], None]) -> Seat:
        """Open a session. Slow: call it in a thread. left: see `Seat`.

        Raises PainterGone, NoFaceError and the errors of loading an engine.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                self._passing = theirs
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
                self._passing = None
            ours.sendall(packed(pickle.dumps(sitting)))
            answer, file = receive_with_file(ours)
        except OSError as error:
            ours.close()
            raise PainterGone from error
        except BaseException:
            ours.close()
            raise
        if not answer or answer[:1] == FAILED:
            ours.close()
            raise failed(answer) if answer else PainterGone
        assert file is not None
        try:
            opened: Opened = pickle.loads(answer[1:])
            return Seat(ours, opened, SharedPictures(Slots(opened.shape), file), left)
        finally:
            os.close(file)

    def close(self) -> None:
        """End the process, and with it its sessions."""
        self._end()

    def _leave(self) -> None:
        """In a newly forked process: a copy that stays open would keep the process when the server ends."""
        self._end.detach()
        self._control.close()
        if self._passing is not None:
            self._passing.close()
