"""File locks, which the system releases however their holder ends, including `kill -9`."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

_PAUSE = 0.02
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


_held: set[int] = set()
"""The descriptors of `hold` in this process."""


def _leave_to_parent() -> None:
    """Close the copies in a forked child: they would still hold the lock after the parent has died."""
    for descriptor in list(_held):
        let_go(descriptor)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


class NoLocks(OSError):
    """The file is on a system without locks: Windows, or a file system without `flock`."""


def _fcntl() -> ModuleType:
    """The module of `flock`. Raises NoLocks on Windows, where an open file cannot be renamed."""
    try:
        import fcntl
    except ImportError:
        raise NoLocks(errno.ENOSYS, "this system has no flock") from None
    return fcntl


def lock(descriptor: int, patience: float = 0.0) -> bool:
    """Lock an open file for this descriptor alone; False if another one holds the lock.

    `flock(2)`: the lock belongs to the open file and not to the process, so it excludes other processes and
    other threads of this one, and ends when the last copy of the descriptor is closed. patience: seconds to
    wait for it. Raises NoLocks without locks, else OSError.
    """
    fcntl = _fcntl()
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except (BlockingIOError, PermissionError):  # held; some file systems say EACCES
            pass
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
    """Hold a lock file, which is created if missing, for the length of a `with` block.

    The lock ends with the process, however that ends, and forked children do not hold it. Without locks,
    nothing is locked. Works on Windows, too.

    patience: seconds to wait for it. mode: of a created file, instead of the umask's. remove: delete the file
    at the end. Raises BlockingIOError if another process holds it, OSError if it cannot be created.
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
    """A descriptor of a regular file, for locking; never follows a link, waits for a pipe or creates a file.

    Raises OSError for anything else, or a file that is not writable.
    """
    # For writing, because a lock over NFS requires it.
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "not a plain file", str(path))


def hold(path: Path, patience: float = 0.0) -> int:
    """Lock a regular file until `let_go` gets the returned descriptor; a forked child does not hold the lock.

    Without locks, nothing is locked. patience: seconds to wait for it. Raises BlockingIOError if another
    process holds it, OSError if it cannot be opened.
    """
    descriptor = open_to_lock(path)
    _held.add(descriptor)
    try:
        if lock(descriptor, patience):
            return descriptor
    except NoLocks:
        return descriptor
    except BaseException:
        let_go(descriptor)
        raise
    let_go(descriptor)
    raise BlockingIOError(errno.EWOULDBLOCK, "someone else holds it", str(path))


def let_go(descriptor: int) -> None:
    """End a lock of `hold`. A second call does nothing."""
    if descriptor in _held:
        _held.discard(descriptor)
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process holds a file with `hold`.

    The question itself holds the file for a moment: a `hold` that must not fail then needs patience. Several
    can ask at once. Raises NoLocks without locks, OSError if the file cannot be opened.
    """
    fcntl = _fcntl()
    descriptor = open_to_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing leaves it to a child that was forked meanwhile
    except BlockingIOError:
        return True
    except OSError as error:
        if error.errno in _NO_LOCKS:
            raise NoLocks(error.errno, error.strerror) from None
        raise
    finally:
        os.close(descriptor)
    return False


def still_names(path: Path, descriptor: int) -> bool:
    """Whether a path still leads to this open file, and not to another file of that name."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except OSError:
        return False
