"""The server's side of all files: the helper process that forks a child for each."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from media.decoding.child import PATIENCE, Child
from media.errors import DecodingUnavailable

_log = logging.getLogger("joystudio.decoding")

SERVER = "media.decoding.fork_server"
WORK = "media.decoding.work"
KEPT_VARIABLES = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONUTF8", "SYSTEMROOT")
"""The environment variables of a helper: what Python needs to start, and no secrets."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
START = 60.0
"""Seconds in which a helper starts, even on a very busy machine."""


def at_fork(begin_anew: Callable[[], None]) -> None:
    """Have a method called in every process that is forked from this one, while its object exists.

    It runs before anything else in that process, so there is no second thread yet, and it can replace a lock
    that another thread of the first process held. The object is not kept alive.
    """
    if not hasattr(os, "register_at_fork"):  # Windows, which does not fork
        return
    kept = weakref.WeakMethod(begin_anew)

    def forked() -> None:
        method = kept()
        if method is not None:
            method()

    os.register_at_fork(after_in_child=forked)


class Helper:
    """Starts the helper process for the first child, and again if it was killed. Threads may share it."""

    def __init__(self, work: str = WORK) -> None:
        """work: the module whose `work(channel)` the children run."""
        self._work = work
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._finalizer: weakref.finalize | None = None
        self._greeted = False
        self._passing: tuple[socket.socket, ...] = ()
        at_fork(self._begin_anew)

    @property
    def pid(self) -> int:
        """The process number; 0 before it is started and after `close`."""
        return self._process.pid if self._process is not None else 0

    def start(self) -> None:
        """Start the process if it does not run, without waiting for it. Raises DecodingUnavailable."""
        with self._lock:
            self._running()

    def child(self) -> Child:
        """A new child. Raises DecodingUnavailable if none starts."""
        try:
            answers, status_end = socket.socketpair(), socket.socketpair()
        except OSError as error:  # too many open files; the helper is not the cause
            raise unavailable(error) from error
        with answers[1], status_end[1], self._lock:
            child = Child(answers[0], status_end[0])
            self._passing = answers[1], status_end[1]
            try:
                self._hand_over([answers[1].fileno(), status_end[1].fileno()])
            except BaseException:
                child.close()
                raise
            finally:
                self._passing = ()
            return child

    def close(self) -> None:
        """End the process and all its children. A later `child` starts another."""
        with self._lock:
            self._stop()

    def _begin_anew(self) -> None:
        """In a newly forked process: ignore what belongs to the other process and its threads."""
        if self._finalizer is not None:
            self._finalizer.detach()
        if self._control is not None:
            self._control.close()
        for end in self._passing:  # a copy that stays open would hide that the child has died
            end.close()
        self._passing = ()
        self._lock = threading.Lock()
        self._control = self._process = self._finalizer = None
        self._greeted = False

    def _hand_over(self, places: list[int]) -> None:
        """Pass a child's two sockets to the helper. A killed helper is replaced."""
        for attempt in range(2):
            try:
                socket.send_fds(self._ready(), [b"+"], places)
                return
            except OSError as error:
                self._stop()
                if attempt:
                    raise unavailable(error) from error

    def _running(self) -> socket.socket:
        if self._control is not None:
            return self._control
        try:
            ours, theirs = socket.socketpair()
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, "-P", "-m", SERVER, str(theirs.fileno()), self._work],
                    env=bare_environment() | ONE_THREAD,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # libraries write there what a file makes them write
                    start_new_session=True,  # Ctrl-C in a terminal is for the server
                )
        except OSError as error:
            raise unavailable(error) from error
        self._control, self._process = ours, process
        self._greeted = False
        self._finalizer = weakref.finalize(self, end_process, process, ours, os.getpid())
        return ours

    def _ready(self) -> socket.socket:
        """Its connection once it has started, so that its start does not count as a file's time.

        Raises OSError if it does not start.
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
        if self._finalizer is not None:
            self._finalizer()
        self._control = self._process = self._finalizer = None


def unavailable(error: object) -> DecodingUnavailable:
    """The error if no process can be started."""
    return DecodingUnavailable(
        "No process can be started to decode the file in ({reason}); close other programs, or set "
        "JOYSTUDIO_DECODE=direct to decode in this one.",
        reason=error,
    )


def bare_environment() -> dict[str, str]:
    """The environment of a process that reads untrusted files: what Python needs, and no secrets."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    root = str(Path(__file__).resolve().parents[2])
    places = [root, *(place for place in sys.path if place and place != root)]
    return kept | {"PYTHONPATH": os.pathsep.join(places), "PYTHONDONTWRITEBYTECODE": "1"}


def end_process(process: subprocess.Popen[bytes], control: socket.socket, owner: int) -> None:
    """Close the connection of a process, which ends it, and wait for it, so that no zombie stays.

    owner: the process that started it.
    """
    if os.getpid() != owner:  # a forked process that ends is not the server
        control.close()
        return
    with contextlib.suppress(OSError):
        control.shutdown(socket.SHUT_RDWR)
    control.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        _log.warning("The helper process %d did not end; it is killed.", process.pid)
        process.kill()
        process.wait()
