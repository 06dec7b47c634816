"""A file's lock, which the system takes back however its holder ends, `kill -9` included."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_PAUSE = 0.02
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


_held: set[int] = set()
"""The descriptors of `hold` in this process."""


def _leave_to_parent() -> None:
    """In a forked child: a copy of a descriptor would go on holding the lock when the parent has died."""
    for descriptor in list(_held):
        let_go(descriptor)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


class NoLocks(OSError):
    """The file lies where nothing can be locked: Windows, or a file system that has no `flock`."""


def lock(descriptor: int, patience: float = 0.0) -> bool:
    """Lock an open file for this descriptor alone; False where another one holds it.

    `flock(2)`: the lock belongs to the open file and not to the process, so it holds against other processes
    and against other threads of this one, and ends when the last copy of the descriptor is closed.
    patience: seconds to wait for it. Raises NoLocks where there are none, else OSError.
    """
    from filelock import has_fcntl, lock_descriptor  # 20 ms, and `--help` locks nothing

    if not has_fcntl:  # Windows, where an open file cannot get another name
        raise NoLocks(errno.ENOSYS, "this system has no flock")
    until = time.monotonic() + patience
    while True:
        try:
            if lock_descriptor(descriptor, blocking=False):
                return True
        except OSError as error:
            if error.errno in _NO_LOCKS:
                raise NoLocks(error.errno, error.strerror) from None
            raise
        if time.monotonic() >= until:
            return False
        time.sleep(_PAUSE)


@contextmanager
def lock_file(
    path: Path, patience: float = 0.0, *, mode: int | None = None, remove: bool = False
) -> Iterator[None]:
    """Hold a file that is there for its lock only, for the length of a `with` block; it is made if missing.

    The lock ends with the process, however that ends, and forked children do not hold it. Where there are no
    locks, nothing is locked. Works on Windows too.

    patience: seconds to wait for it. mode: of a file that is made, instead of the umask's. remove: take the
    file away in the end. Raises BlockingIOError where another one holds it, OSError where it cannot be made.
    """
    from filelock import FileLock, Timeout

    modes: Any = {} if mode is None else {"mode": mode}
    holder = FileLock(
        path, patience, thread_local=False, poll_interval=_PAUSE, fallback_to_soft=False, **modes
    )
    try:
        holder.acquire()
    except Timeout:
        raise BlockingIOError(errno.EWOULDBLOCK, "another one holds it", str(path)) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    try:
        yield
    finally:
        if remove:
            with suppress(OSError):  # Windows does not remove an open file
                path.unlink()
        holder.release()


def open_to_lock(path: Path) -> int:
    """A descriptor of a plain file, to be locked; never follows a link, waits for a pipe or makes a file.

    Raises OSError for anything else, or a file that may not be written.
    """
    # For writing, because a lock over NFS asks for it.
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "not a plain file", str(path))


def hold(path: Path) -> int:
    """Lock a plain file until `let_go` is given what this gives; a forked child does not hold it, too.

    Where there are no locks, nothing is locked. Raises BlockingIOError where another one holds it, OSError
    where it cannot be opened.
    """
    descriptor = open_to_lock(path)
    _held.add(descriptor)
    try:
        if lock(descriptor):
            return descriptor
    except NoLocks:
        return descriptor
    except BaseException:
        let_go(descriptor)
        raise
    let_go(descriptor)
    raise BlockingIOError(errno.EWOULDBLOCK, "someone else holds it", str(path))


def let_go(descriptor: int) -> None:
    """End a lock of `hold`. A second time does nothing."""
    if descriptor in _held:
        _held.discard(descriptor)
        os.close(descriptor)


def still_names(path: Path, descriptor: int) -> bool:
    """Whether a path leads to this open file, and not to another that has taken its name."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except OSError:
        return False
