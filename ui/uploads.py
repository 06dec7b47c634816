"""Where Gradio keeps what visitors bring: a folder that no other server on this machine uses."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

from media.errors import OutputError

FOLDER = "GRADIO_TEMP_DIR"
"""The variable by which Gradio is told; what its owner has set stays."""
PREFIX = "joystudio-uploads-"
HELD = ".held"
"""The file in such a folder that its server keeps locked; the system unlocks it however the server ends."""


def keep_uploads_apart() -> None:
    """Give this process its own folder for uploads, removed when it ends. Call it before building a page.

    Gradio names an upload by its content, in a folder that all servers of a machine share, and a server that
    stops removes what it was given: the same picture at another server would be gone in the middle of a job.
    Folders of servers that were killed are removed here, too.

    Raises OutputError when the system's temporary folder cannot be written.
    """
    if os.environ.get(FOLDER):
        return
    sweep_uploads()
    try:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))  # unguessable, and closed to other users
        held = _hold(folder)
    except OSError as error:
        raise OutputError(
            f"There is no place for what visitors upload: {error.strerror}. "
            "Name a folder with GRADIO_TEMP_DIR."
        ) from error
    os.environ[FOLDER] = str(folder)
    atexit.register(_remove, folder, held, os.getpid())


def sweep_uploads() -> int:
    """Remove what killed servers of this user have left in the temporary folder; gives how many folders."""
    try:
        import fcntl
    except ImportError:  # not on Windows: there nobody can tell whether a server lives
        return 0
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or still at work
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            with (folder / HELD).open("r+") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
                removed += 1
    return removed


def _hold(folder: Path) -> IO[str]:
    """Lock the folder's file before it has its name, so that nobody finds it unlocked."""
    held = (folder / f"{HELD}.new").open("w")
    with contextlib.suppress(ImportError):
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    (folder / f"{HELD}.new").rename(folder / HELD)
    return held


def _remove(folder: Path, held: IO[str], owner: int) -> None:
    if os.getpid() == owner:  # a forked worker that ends is not the server
        held.close()
        shutil.rmtree(folder, ignore_errors=True)
