"""Cleans the folder of uploads: removes files that are too old, and empty folders."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.free_space import GB
from studio.in_use import in_use
from studio.settings import Settings
from ui.uploads import FOLDER, HELD, PREFIX

HOUR = 3600.0
SPARED = 3600.0
"""Seconds for which an upload stays however much room all of them take: its job may still be waiting."""


def own_uploads() -> Path | None:
    """The folder of this server's uploads; None if its owner has set one, which others may use, too."""
    named = os.environ.get(FOLDER)
    folder = Path(named) if named else None
    ours = folder is not None and folder.name.startswith(PREFIX) and (folder / HELD).is_file()
    return folder if ours else None


@dataclass(frozen=True)
class _File:
    path: Path
    changed: float
    size: int


def sweep_leftovers(
    folder: Path, settings: Settings, *, keep: frozenset[str] = frozenset(), now: float | None = None
) -> int:
    """Remove files older than `keep_hours`, the oldest beyond `keep_uploads_gb`, and folders left empty.

    folder: the uploads. keep: paths that the page itself needs. now: seconds since 1970. A file that a
    waiting or running job uses stays. Returns the number of removed files and folders.
    """
    now = time.time() if now is None else now
    files = sorted(_files(folder), key=lambda one: one.changed)
    taken, removed = sum(one.size for one in files), 0
    for one in files:
        age = now - one.changed
        old = age > settings.keep_hours * HOUR
        crowded = taken > settings.keep_uploads_gb * GB and age > SPARED
        if not (old or crowded) or str(one.path) in keep or in_use(one.path):
            continue
        with contextlib.suppress(OSError):
            one.path.unlink()
            taken -= one.size
            removed += 1
    return removed + _remove_empty(folder, now - settings.keep_hours * HOUR)


def _files(folder: Path) -> Iterator[_File]:
    """Every file except the one that marks a running server."""
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            about = path.lstat()
            if not path.is_dir() and path != folder / HELD:
                # As Gradio counts: when the file was stored here, whatever its own time.
                yield _File(path, about.st_ctime, about.st_size)


def _remove_empty(folder: Path, before: float) -> int:
    """Remove empty folders that have not changed since `before`, the innermost first."""
    removed = 0
    for path in sorted(folder.rglob("*"), key=lambda one: len(one.parts), reverse=True):
        with contextlib.suppress(OSError):  # not empty, or gone
            if path.is_dir() and not path.is_symlink() and path.lstat().st_mtime < before:
                path.rmdir()
                removed += 1
    return removed
