"""Marks the files that a waiting or running job reads, so that no process removes them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOCKS = find_spec("fcntl") is not None
"""Not on Windows: the system itself refuses to remove an open file there."""
if LOCKS:
    import fcntl
PATIENCE = 0.5
"""Seconds to wait for a process that asks whether a file is in use."""
_PAUSE = 0.005


@contextmanager
def holding(*paths: Any) -> Iterator[None]:
    """Lock files or folders while a job reads them; the system releases them however the process ends.

    paths: those that do not exist are skipped. Several jobs may lock the same file.
    """
    held = []
    for path in paths:
        if not LOCKS or not isinstance(path, Path):
            continue
        with suppress(OSError, ValueError):
            held.append(os.open(path, os.O_RDONLY))
            _wait(lambda: _locks(held[-1], fcntl.LOCK_SH))
    try:
        yield
    finally:
        for file in held:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)  # a forked child may have the same lock
            os.close(file)


def in_use(path: Path) -> bool:
    """Whether a job of any process on this machine has locked a file or folder.

    The question itself locks it for a moment, which jobs and other questions wait for.
    """
    if not LOCKS:
        return False
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    free = False

    def answered() -> bool:
        nonlocal free
        free = _locks(file, fcntl.LOCK_EX)
        return free or _locks(file, fcntl.LOCK_SH)  # the second: jobs have it, and not another question

    try:
        _wait(answered)
        fcntl.flock(file, fcntl.LOCK_UN)  # closing leaves it to a child that was forked meanwhile
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(file)
    return not free


def _locks(file: int, how: int) -> bool:
    """Lock an open file if that is possible now. Raises OSError on a file system without locks."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(done: Callable[[], bool]) -> None:
    """Try until it is done, or the patience is over."""
    end = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < end:
        time.sleep(_PAUSE)
