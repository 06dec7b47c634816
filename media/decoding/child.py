"""The server's side: a helper process, and one connection to a child for every file."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

from media.decoding.helper import STATUS
from media.decoding.messages import Channel, Ended, Garbled, Late
from media.errors import DecodingUnavailable

_log = logging.getLogger("joystudio.decoding")

WORK = "media.decoding.work"
KEPT_VARIABLES = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONUTF8", "SYSTEMROOT")
"""What of the environment a helper gets: what Python needs to start, and no secrets."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
START = 60.0
"""Seconds in which a helper starts, even on a very busy machine."""
PATIENCE = 2.0
"""Seconds in which the helper says how a child ended."""


class ChildFailed(Exception):
    """A child gave no answer; the text says why, with the number that decided."""


class HelperLost(Exception):
    """The helper ended, and its children with it; another one can be started."""

    def __init__(self) -> None:
        super().__init__("the decoders' helper process ended")


class Child:
    """The connection to the process that decodes one file. Closing it ends the process."""

    def __init__(self, answers: socket.socket, told: socket.socket) -> None:
        self._channel = Channel(answers)
        self._told = told

    def ask(self, request: dict[str, Any], body: bytes = b"") -> None:
        """Send the request. Raises ChildFailed or HelperLost."""
        try:
            self._channel.send(request, body)
        except Ended:
            raise self._ended() from None

    def answer(self, most: int, seconds: float) -> tuple[dict[str, Any], bytearray]:
        """Its next message. Raises ChildFailed or HelperLost.

        most: bytes that may come beside the header. seconds: until the whole message is there.
        """
        try:
            return self._channel.receive(most, seconds)
        except Late:
            raise ChildFailed(f"it took longer than {seconds:g} s") from None
        except Garbled as error:
            raise ChildFailed(f"the decoder answered with {error}") from None
        except Ended:
            raise self._ended() from None

    def close(self) -> None:
        """End the child, if it has not ended by itself. A second call does nothing."""
        self._channel.close()
        self._told.close()

    def _ended(self) -> Exception:
        self._told.settimeout(PATIENCE)
        try:
            status = self._told.recv(STATUS.size)
        except OSError:
            return ChildFailed("the decoder stopped answering")
        if len(status) < STATUS.size:
            return HelperLost()
        (code,) = STATUS.unpack(status)
        if code in _OUT_OF_TIME:
            return ChildFailed("it took too much processor time")
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return ChildFailed(f"the decoder crashed ({how})")


def _signals() -> frozenset[int]:
    import signal

    known = getattr(signal, "SIGXCPU", None)
    return frozenset() if known is None else frozenset({-int(known)})


_OUT_OF_TIME = _signals()


class Helper:
    """Starts the helper process at the first child, and again where it was killed. Threads may share it."""

    def __init__(self, work: str = WORK) -> None:
        """work: the module whose `work(channel)` the children run."""
        self._work = work
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._finalizer: weakref.finalize | None = None
        self._owner = 0
        self._greeted = False

    @property
    def pid(self) -> int:
        """The process; 0 before it is started and after `close`."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start the process if it does not run, without waiting for it. Raises DecodingUnavailable."""
        with self._lock:
            self._running()

    def child(self) -> Child:
        """A new child. Raises DecodingUnavailable where none can be had."""
        with self._lock:
            for attempt in range(2):
                try:
                    return _ask_for_child(self._ready())
                except OSError as error:
                    self._stop()
                    if attempt:
                        raise unavailable(error) from error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """End the process and all its children. A later `child` starts another."""
        with self._lock:
            self._stop()

    def _running(self) -> socket.socket:
        # A forked process has this object, but must not wait for or restart what is another's child.
        if self._control is not None and self._owner == os.getpid():
            return self._control
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "media.decoding.helper", str(theirs.fileno()), self._work],
                    env=_environment(),
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # libraries write there what a file makes them write
                    start_new_session=True,  # Ctrl-C in a terminal is for the server
                )
        except OSError as error:
            raise unavailable(error) from error
        self._control, self._process, self._owner = ours, process, os.getpid()
        self._greeted = False
        self._finalizer = weakref.finalize(self, _end, process, ours)
        return ours

    def _ready(self) -> socket.socket:
        """Its connection once it has started, so that its start does not count as a file's time.

        Raises OSError when it does not start.
        """
        control = self._running()
        if not self._greeted:
            control.settimeout(START)
            if not control.recv(1):
                raise ConnectionError("it ended as it started")
            control.settimeout(None)
            self._greeted = True
        return control

    def _stop(self) -> None:
        if self._finalizer is not None and self._owner == os.getpid():
            self._finalizer()
        self._control = self._process = self._finalizer = None


def unavailable(error: object) -> DecodingUnavailable:
    """What is said where no process can be had."""
    return DecodingUnavailable(
        f"No process can be started to decode the file in ({error}); close other programs, or set "
        "JOYSTUDIO_DECODE=direct to decode in this one."
    )


def _ask_for_child(control: socket.socket) -> Child:
    """Raises OSError when the helper is gone, or no socket can be had."""
    answers, their_answers = socket.socketpair()
    told, their_told = socket.socketpair()
    try:
        with their_answers, their_told:
            socket.send_fds(control, [b"+"], [their_answers.fileno(), their_told.fileno()])
    except OSError:
        answers.close()
        told.close()
        raise
    return Child(answers, told)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    root = str(Path(__file__).resolve().parents[2])
    places = [root, *(place for place in sys.path if place and place != root)]
    return kept | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(places), "PYTHONDONTWRITEBYTECODE": "1"}


def _end(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    """Closing the connection ends the helper; it is waited for, so that no zombie stays."""
    with contextlib.suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)
    control.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        _log.warning("The decoders' helper, process %d, did not end; it is killed.", process.pid)
        process.kill()
        process.wait()
