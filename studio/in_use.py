"""Marks the files that a running job reads, so that no process removes them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LOCKS = find_spec("fcntl") is not None
"""Not on Windows: the system itself refuses to remove an open file there."""
if LOCKS:
    import fcntl


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
            fcntl.flock(held[-1], fcntl.LOCK_SH | fcntl.LOCK_NB)
    try:
        yield
    finally:
        for file in held:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_UN)  # a forked child may have the same lock
            os.close(file)


def in_use(path: Path) -> bool:
    """Whether a job of any process on this machine has locked a file or folder."""
    if not LOCKS:
        return False
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(file)
    return False
