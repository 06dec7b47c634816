"""Where Gradio keeps what visitors bring: a folder that no other server on this machine uses."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from media.errors import OutputError

FOLDER = "GRADIO_TEMP_DIR"
"""The variable by which Gradio is told; what its owner has set stays."""


def keep_uploads_apart() -> None:
    """Give this process its own folder for uploads, removed when it ends. Call it before building a page.

    Gradio names an upload by its content, in a folder that all servers of a machine share, and a server that
    stops removes what it was given: the same picture at another server would be gone in the middle of a job.

    Raises OutputError when the system's temporary folder cannot be written.
    """
    if os.environ.get(FOLDER):
        return
    try:
        folder = tempfile.mkdtemp(prefix="joystudio-")  # unguessable, and closed to other users
    except OSError as error:
        raise OutputError(
            f"There is no place for what visitors upload: {error.strerror}. Name a folder with {FOLDER}."
        ) from error
    os.environ[FOLDER] = folder
    atexit.register(_remove, folder, os.getpid())


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a forked worker that ends is not the server
        shutil.rmtree(folder, ignore_errors=True)
