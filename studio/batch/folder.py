"""The folder of a batch: one batch at a time works in it, and what a killed one left behind is removed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from media.errors import OutputError
from studio.batch.listing import VIDEOS

LOCK = ".batch.lock"
UNFINISHED = ".joystudio-*.part"


@contextmanager
def batch_folder(out: Path) -> Iterator[Path]:
    """The folder, made and locked, without unfinished files at the beginning and at the end.

    The lock ends with the process, however that ends. Raises OutputError when the folder cannot be used,
    and when another batch is at work in it.
    """
    try:
        (out / VIDEOS).mkdir(parents=True, exist_ok=True)
        lock = (out / LOCK).open("a")
    except OSError as error:
        raise OutputError(f'The folder "{out}" cannot be made ({error.strerror}); choose another.') from error
    with lock:
        if not _lock(lock):
            raise OutputError(f'Another batch is at work in "{out}". Wait for it, or choose another folder.')
        _sweep(out)
        try:
            yield out
        finally:
            _sweep(out)


def _lock(file: IO[str]) -> bool:
    try:
        import fcntl
    except ImportError:  # not on Windows: there nobody looks
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a network's file system without locks
        return True
    return True


def _sweep(out: Path) -> None:
    """Remove what was never finished; with the lock held, nobody is at it."""
    for place in (out, out / VIDEOS):
        for path in place.glob(UNFINISHED):
            with contextlib.suppress(OSError):
                path.unlink()
