"""A file that gets its name only when it is complete."""

from __future__ import annotations

import atexit
import contextlib
import errno
import logging
import os
import secrets
import time
from pathlib import Path

from media.errors import OutputError
from media.file_lock import NoLocks, lock, open_to_lock, still_names

PREFIX, SUFFIX = ".joystudio-", ".part"
ABANDONED = 24 * 3600.0
"""Seconds without a change after which an unfinished file is removed on a file system without locks."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""The error numbers of a full disk, quota or limit."""

_log = logging.getLogger("joystudio.files")
_unfinished: dict[Path, int | None] = {}
"""The files that this process is writing, with the descriptors that keep them locked.

Removed at its end, as a thread that is still working is not waited for.
"""


@atexit.register
def _discard_unfinished() -> None:
    for path in list(_unfinished):
        _let_go(path)
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _leave_to_parent() -> None:
    """In a forked child: forget the files, which belong to the process that began them, as do their locks."""
    for path in list(_unfinished):
        _let_go(path)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


class OutputFile:
    """Creates an unguessable file next to the target, and renames it to the target when asked.

    A killed process leaves at most that file, never half a video under the final name, and `sweep` removes
    it: the file is locked while someone writes it. It is in the target's folder, because a rename is atomic
    only within one file system. Code that writes to `path` must not replace it, as the lock belongs to the
    file and not to its name; only another OutputFile with this target may.
    """

    def __init__(self, target: Path | str) -> None:
        """Raises OutputError for a device, and if the folder is missing, not writable or full."""
        self.target = Path(target).absolute()
        folder = self.target.parent
        self.path = folder / f"{PREFIX}{secrets.token_hex(16)}{SUFFIX}"
        if "\0" in str(target):
            raise OutputError("A file name cannot contain a zero byte; choose another name.")
        try:
            if not self.target.name or self.target.is_dir():
                raise OutputError(
                    '"{target}" is a folder; give the name of a file in it.', target=self.target
                )
            if self.target.exists() and not self.target.is_file():
                # A rename would put a file in the place of /dev/null.
                raise OutputError(
                    '"{target}" is a device or a pipe, not a file; choose another name.', target=self.target
                )
            if not folder.is_dir():
                raise OutputError(
                    'There is no folder "{folder}" for the file; create it first.', folder=folder
                )
            if self.target.exists() and not os.access(self.target, os.W_OK):
                raise OutputError(
                    '"{target}" exists and is write-protected; choose another name.', target=self.target
                )
            _begin(self.path)
        except OSError as error:
            raise explain_output_error(error, self.target) from None

    def keep(self) -> None:
        """Give the finished file its name, replacing an earlier file. Raises OutputError."""
        try:
            self.path.replace(self.target)
        except OSError as error:
            self.discard()
            raise explain_output_error(error, self.target) from None
        if self.target in _unfinished:  # the lock passes to the file that has taken its place
            _unfinished[self.path], _unfinished[self.target] = (
                _unfinished[self.target],
                _unfinished[self.path],
            )
        _let_go(self.path)

    def discard(self) -> None:
        """Remove the unfinished file; the target stays unchanged."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        _let_go(self.path)


def sweep(folder: Path, *, patience: float = 0.0) -> int:
    """Remove the unfinished files of ended processes from a folder. Returns their number.

    An unfinished file that is still being written is locked and stays, whether by another process, a thread
    of this one or a machine that shares the folder. patience: seconds to wait for such files to be released,
    after workers have been ended. On a file system without locks, a file is removed after ABANDONED seconds
    without a change, and the log says so. A file that cannot be removed stays.
    """
    removed = 0
    for path in folder.glob(f"{PREFIX}*{SUFFIX}*"):
        if path.name.endswith((SUFFIX, f"{SUFFIX}.signed")):
            with contextlib.suppress(OSError):
                removed += _remove_abandoned(path, patience)
    return removed


def _remove_abandoned(path: Path, patience: float) -> bool:
    descriptor = open_to_lock(path)
    try:
        if not lock(descriptor, patience) or not still_names(path, descriptor):
            return False
        path.unlink()
        return True
    except NoLocks:
        old = time.time() - os.fstat(descriptor).st_mtime > ABANDONED
        if old:
            path.unlink()
        else:
            _log.warning(
                'Nothing can be locked in "%s": unfinished files are removed after %.0f h without a change.',
                path.parent,
                ABANDONED / 3600,
            )
        return old
    finally:
        os.close(descriptor)


def _begin(path: Path) -> None:
    """Create the file and lock it. Raises OSError, and then leaves no file."""
    while True:
        _unfinished[path] = None
        try:
            _unfinished[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
            if _locked(path):
                return
        except FileExistsError:
            _let_go(path)
            raise
        except BaseException:  # Ctrl-C can come between creating the file and recording it
            path.unlink(missing_ok=True)
            _let_go(path)
            raise
        _let_go(path)  # another process swept it between its creation and its lock: create another


def _locked(path: Path) -> bool:
    descriptor = _unfinished[path]
    assert descriptor is not None
    try:
        return lock(descriptor, patience=10.0) and still_names(path, descriptor)
    except NoLocks:
        _unfinished[path] = None
        os.close(descriptor)  # an open file cannot be renamed on Windows
        return True


def _let_go(path: Path) -> None:
    descriptor = _unfinished.pop(path, None)
    if descriptor is not None:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def explain_output_error(error: Exception, target: Path) -> OutputError:
    """The error for a file that cannot be written, from an OSError or an error of FFmpeg's."""
    reason = getattr(error, "strerror", None) or str(error)
    number = getattr(error, "errno", None)
    if number in NO_ROOM:
        return OutputError(
            'There is not enough disk space for the video in "{parent}" ({reason}). Free some space or '
            "choose another folder.",
            parent=target.parent,
            reason=reason,
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            'The folder "{parent}" is not writable ({reason}); choose another with --output.',
            parent=target.parent,
            reason=reason,
        )
    if number == errno.ENAMETOOLONG:
        return OutputError(
            "The video's name is too long ({size} bytes, most systems allow 255).",
            size=len(os.fsencode(target.name)),
        )
    return OutputError('The video "{target}" cannot be written: {reason}.', target=target, reason=reason)
