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
from studio.live.face_setup import FaceSetup
from studio.live.painters.messages import FAILED, FaceOpened, failed, packed, receive_with_file
from studio.live.painters.pictures import SharedPictures, Slots

_log = logging.getLogger("joystudio.live")
CHILD = "studio.live.painters.child"
ENDED = "The process that paints the session ended while it opened the portrait."
GONE = "The process that paints the session has ended. Open a new session."
HUNG = (
    "The process that paints the session did not answer for {seconds:g} s, so it was ended. Open a new "
    "session."
)


class PainterGone(Exception):
    """The process had ended before; another can be started."""


@dataclass(frozen=True)
class Deadlines:
    """Seconds in which a painter answers, even on a very busy machine; it is ended if it does not.

    opening: a session, with the start of the process. frame: a picture.
    """

    opening: float = 60.0
    frame: float = 20.0


DEADLINES = Deadlines()


@dataclass(frozen=True, eq=False)
class PaintedSession:
    """A session that a painter has opened.

    channel: to the painter. pictures: the first one is painted. left: called when the session is over.
    """

    painter: Painter
    channel: socket.socket
    opened: FaceOpened
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

    def __init__(self, deadlines: Deadlines) -> None:
        self.deadlines = deadlines
        self._silent: float | None = None
        """The seconds for which it did not answer, if it was ended because of that."""
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
        """Whether the process runs, and answers."""
        if self._silent is None and self._process.poll() is None:
            return True
        self._bury()
        return False

    def _bury(self) -> None:
        """The process has ended by itself. The first time, the log says so."""
        if self._end.alive:
            self.close()
            code = self._process.returncode
            _log.warning("A process that paints live sessions ended with exit code %d.", code)

    def give_up(self, seconds: float) -> None:
        """End the process, and with it its sessions: it has not answered for so many seconds.

        Does not wait for its end.
        """
        if self._silent is None:
            self._silent = seconds
            _log.warning(
                "A process that paints live sessions did not answer for %g s; it is killed.", seconds
            )
            self._process.kill()  # it may not read that its connection is closed

    def gone(self, otherwise: str = GONE) -> EngineError:
        """Why the process is gone. otherwise: the message if it ended by itself."""
        return EngineError(otherwise) if self._silent is None else EngineError(HUNG, seconds=self._silent)

    def open(self, setup: FaceSetup, left: Callable[[], None]) -> PaintedSession:
        """Open a session. Slow: call it in a thread. left: see `PaintedSession`.

        Raises PainterGone, EngineError if the process ends or does not answer while it opens the session,
        NoFaceError and the errors of loading an engine.
        """
        channel = self._channel()
        try:
            answer, file = self._asked(channel, setup)
            if answer[:1] == FAILED:
                raise failed(answer)
            assert file is not None
            try:
                opened = FaceOpened.of(answer[1:])
                pictures = SharedPictures(Slots(opened.shape), file)
                return PaintedSession(self, channel, opened, pictures, left)
            finally:
                os.close(file)
        except BaseException:
            channel.close()
            raise

    def _asked(self, channel: socket.socket, setup: FaceSetup) -> tuple[bytes, int | None]:
        """The answer to a request for a session, and the file that came with it.

        Raises EngineError without an answer: another process must not be asked the same, because this one may
        have ended of it, and with it the sessions of others.
        """
        channel.settimeout(self.deadlines.opening)
        try:
            channel.sendall(packed(pickle.dumps(setup)))
            answer, file = receive_with_file(channel)
        except TimeoutError:
            self.give_up(self.deadlines.opening)
            answer = b""
        except OSError:
            answer = b""
        if not answer:
            raise self.gone(ENDED)
        return answer, file

    def _channel(self) -> socket.socket:
        """A connection for one session. Raises PainterGone."""
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            self._passing = theirs
            try:
                socket.send_fds(self._control, [b"+"], [theirs.fileno()])
            except OSError as error:
                ours.close()
                self._bury()
                raise PainterGone from error
            finally:
                self._passing = None
        return ours

    def close(self) -> None:
        """End the process, and with it its sessions."""
        self._end()

    def _leave(self) -> None:
        """In a newly forked process: a copy that stays open would keep the process when the server ends."""
        self._end.detach()
        self._control.close()
        if self._passing is not None:
            self._passing.close()
