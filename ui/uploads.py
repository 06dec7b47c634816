"""Where Gradio stores uploads: a folder that no other server on this machine uses."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media.errors import OutputError
from media.held_folder import HELD, HeldFolder, sweep_held_folders
from media.held_folder import UPLOADS as PREFIX

__all__ = ["FOLDER", "HELD", "PREFIX", "keep_uploads_apart", "place_for", "sweep_uploads", "uploads_folder"]

FOLDER = "GRADIO_TEMP_DIR"
"""The variable that Gradio reads; a value that the owner has set stays."""
_kept: list[HeldFolder] = []
"""The folder of this process."""


def keep_uploads_apart() -> None:
    """Give this process its own folder for uploads, removed when it ends. Call it before building a page.

    Gradio names an upload by its content, in a folder that all servers of a machine share, and a server that
    stops removes its uploads: the same image at another server would disappear during a job. This also
    removes the folders of killed servers.

    Raises OutputError if the system's temporary folder is not writable.
    """
    if os.environ.get(FOLDER):
        return
    try:
        _kept.append(HeldFolder(PREFIX))
    except OSError as error:
        raise OutputError(
            "Visitors' uploads cannot be stored: {reason}. Set GRADIO_TEMP_DIR to another folder.",
            reason=error.strerror,
        ) from error
    os.environ[FOLDER] = str(_kept[-1].path)


def uploads_folder() -> Path:
    """The folder of this process, once `keep_uploads_apart` was called."""
    return Path(os.environ[FOLDER])


@contextmanager
def place_for(name: str) -> Iterator[Path]:
    """The path of a new file in a folder of its own, which goes at the end if the file was not written."""
    folder = uploads_folder() / secrets.token_hex(16)
    folder.mkdir()
    try:
        yield folder / name
    finally:
        with contextlib.suppress(OSError):  # it has the file in it
            folder.rmdir()


def sweep_uploads() -> int:
    """Remove what killed servers of this user left in the temporary folder. Returns the number of folders."""
    return sweep_held_folders(PREFIX)
