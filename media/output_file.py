"""A file that appears under its name only when it is whole."""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import secrets
import time
from pathlib import Path

from media.errors import OutputError

PREFIX, SUFFIX = ".joystudio-", ".part"
ABANDONED = 24 * 3600.0
"""Seconds without a change after which nobody writes an unfinished file any more."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


_unfinished: set[Path] = set()
"""What this process is writing; removed at its end, as a thread that still works is not waited for."""


@atexit.register
def _discard_unfinished() -> None:
    for path in list(_unfinished):
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


if hasattr(os, "register_at_fork"):  # files belong to the process that began them
    os.register_at_fork(after_in_child=_unfinished.clear)


class OutputFile:
    """Creates an unguessable file beside the target, and renames it over the target when asked.

    A process that is killed leaves at most that file, never half a video under the final name. It lies
    in the target's own folder, because a rename is atomic only within one file system.
    """

    def __init__(self, target: Path | str) -> None:
        """Raises OutputError when the folder is missing, is not writable or has no room."""
        self.target = Path(target).absolute()
        folder = self.target.parent
        self.path = folder / f"{PREFIX}{secrets.token_hex(16)}{SUFFIX}"
        if "\0" in str(target):
            raise OutputError("A file's name cannot have a zero byte in it; choose another name.")
        try:
            if not self.target.name or self.target.is_dir():
                raise OutputError(f'"{self.target}" is a folder; give the name of the video file, too.')
            if not folder.is_dir():
                raise OutputError(f'There is no folder "{folder}" to put the video into; make it first.')
            if self.target.exists() and not os.access(self.target, os.W_OK):
                raise OutputError(f'"{self.target}" exists and may not be overwritten; choose another name.')
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
            _unfinished.add(self.path)
        except OSError as error:
            raise explain_output_error(error, self.target) from None

    def keep(self) -> None:
        """Give the finished file its name, replacing what was there. Raises OutputError."""
        try:
            self.path.replace(self.target)
            _unfinished.discard(self.path)
        except OSError as error:
            self.discard()
            raise explain_output_error(error, self.target) from None

    def discard(self) -> None:
        """Remove the unfinished file; the target stays as it was."""
        _unfinished.discard(self.path)
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def sweep(folder: Path, age: float = ABANDONED) -> int:
    """Remove what killed processes have left unfinished in a folder; gives how many files that were.

    age: seconds without a change. A file that cannot be removed stays.
    """
    removed = 0
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > age:
                path.unlink()
                removed += 1
    return removed


def explain_output_error(error: Exception, target: Path) -> OutputError:
    """The sentence for a file that cannot be written, from an OSError or an error of FFmpeg's."""
    reason = getattr(error, "strerror", None) or str(error)
    number = getattr(error, "errno", None)
    if number in _NO_ROOM:
        return OutputError(
            f'There is no room for the video in "{target.parent}" ({reason}); '
            "free some or choose another folder."
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            f'The folder "{target.parent}" may not be written to ({reason}); choose another with --output.'
        )
    if number == errno.ENAMETOOLONG:
        return OutputError(
            f"The video's name is too long ({len(os.fsencode(target.name))} bytes, most systems allow 255)."
        )
    return OutputError(f'The video "{target}" cannot be written: {reason}.')
