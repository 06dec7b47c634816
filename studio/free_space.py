"""Checks for room on the disk before a job begins, rather than after minutes of work."""

from __future__ import annotations

import shutil
from pathlib import Path

from media.errors import OutputError
from studio.settings import Settings

GB = 1e9


def check_free_space(folder: Path, settings: Settings) -> None:
    """Raise OutputError if the folder's disk has less room than the setting requires.

    folder: an existing folder for a video. A disk that does not report its free space passes.
    """
    if not settings.least_free_gb:
        return
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < settings.least_free_gb * GB:
        raise OutputError(
            "The disk for videos has {free:.2f} GB free, and a job needs {least_free_gb:g} GB. Delete files "
            "that you no longer need, choose another folder, or lower JOYSTUDIO_LEAST_FREE_GB.",
            free=free / GB,
            least_free_gb=settings.least_free_gb,
        )
