"""Checks whether finished videos can be stored, before a visitor waits for one."""

from __future__ import annotations

import os
from pathlib import Path

from media.errors import OutputError
from media.held_folder import sweep_all_held_folders
from media.output_file import OutputFile, explain_output_error
from studio.destination import sweep_outputs
from studio.gallery.history_file import open_history, repair_history, tell_owner
from studio.settings import Settings

_TRIED = 65_536
"""Bytes to write, to see whether there is any room; one second of a small video."""


def prepare_outputs(settings: Settings, *, history: bool = True) -> None:
    """Prepare the outputs and the history for a server: writable, swept, and repaired if damaged.

    history: False if finished videos are not recorded. Raises OutputError for a folder that cannot be created
    or written, a full disk, and a history that cannot be used.
    """
    try:
        settings.outputs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = "a file is in its place" if isinstance(error, FileExistsError) else error.strerror
        raise OutputError(
            'The folder for videos "{outputs}" cannot be created ({reason}). Set JOYSTUDIO_OUTPUTS to '
            "another one.",
            outputs=settings.outputs,
            reason=reason,
        ) from None
    sweep_outputs(settings)
    sweep_all_held_folders()
    try_to_write(settings.outputs)
    if history:
        tell_owner(repair_history(settings.history, settings.outputs))
        with open_history(settings.history) as db:
            db.execute("BEGIN IMMEDIATE")  # as for writing


def try_to_write(folder: Path) -> None:
    """Write a file into a folder and remove it. Raises OutputError, as the first video would at its end."""
    target = folder / f".{os.getpid()}.test"
    file = OutputFile(target)
    try:
        with file.path.open("r+b") as stream:
            stream.write(bytes(_TRIED))
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise explain_output_error(error, target) from None
    finally:
        file.discard()
