"""Where Gradio stores uploads: a folder that no other server on this machine uses."""

from __future__ import annotations

import os

from media.errors import OutputError
from media.held_folder import HELD, HeldFolder, sweep_held_folders
from media.held_folder import UPLOADS as PREFIX

__all__ = ["FOLDER", "HELD", "PREFIX", "keep_uploads_apart", "sweep_uploads"]

FOLDER = "GRADIO_TEMP_DIR"
"""The variable that Gradio reads; a value that its owner has set stays."""
_kept: list[HeldFolder] = []
"""The folder of this process."""


def keep_uploads_apart() -> None:
    """Give this process its own folder for uploads, removed when it ends. Call it before building a page.

    Gradio names an upload by its content, in a folder that all servers of a machine share, and a server that
    stops removes what it was given: the same picture at another server would be gone in the middle of a job.
    Folders of servers that were killed are removed here, too.

    Raises OutputError when the system's temporary folder cannot be written.
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


def sweep_uploads() -> int:
    """Remove what killed servers of this user have left in the temporary folder; gives how many folders."""
    return sweep_held_folders(PREFIX)
