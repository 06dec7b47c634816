"""Temporary folders that are removed with the process that made them, or by the next one if it was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import weakref
from pathlib import Path

from media.file_lock import NoLocks, hold, let_go, lock, open_to_lock

HELD = ".held"
"""The file in such a folder that its process keeps locked; the system unlocks it however the process ends."""


LIVE = "joystudio-live-"
"""The prefix of folders for the segments of videos that play during rendering."""
UPLOADS = "joystudio-uploads-"
"""For the uploads of the page's visitors."""
PALETTES = "joystudio-palette-"
"""For the colours of a GIF while it is written."""
PORTRAITS = "joystudio-portrait-"
"""For a large portrait of a live session, while the session is opened."""
REQUESTS = "joystudio-serve-"
"""For the portrait and the voice of a request to Ray Serve."""
RAY = "joystudio-ray-"
"""For the sockets and logs of a Ray that a command has started."""
PREFIXES = (LIVE, UPLOADS, PALETTES, PORTRAITS, REQUESTS, RAY)
LONGEST_FOR_RAY = 20
"""Ray puts sockets deep into its folder, and the path of a socket has at most 107 bytes."""


class HeldFolder:
    """A new folder in the system's temporary one, with an unguessable name and closed to other users.

    Use it as a context manager, or call `cleanup`; otherwise the end of the process removes it. Folders with
    the same prefix that killed processes of this user left are removed first.
    """

    def __init__(self, prefix: str) -> None:
        """prefix: of its name, the same for all of a kind. Raises OSError if it cannot be created."""
        sweep_held_folders(prefix)
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=_place_of(prefix)))
        self._finalizer = weakref.finalize(self, _remove, self.path, _hold(self.path), os.getpid())

    def cleanup(self) -> None:
        """Remove the folder with everything in it. A second call does nothing."""
        self._finalizer()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.cleanup()


def sweep_held_folders(prefix: str) -> int:
    """Remove the folders of a prefix whose process has ended. Returns their number.

    Without locks, it is unknown whether a process runs, and the folders stay.
    """
    removed = 0
    for folder in _place_of(prefix).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):  # someone else's, or still in use
            if not folder.is_symlink() and _owned(folder) and _remove_abandoned(folder):
                removed += 1
    return removed


def sweep_all_held_folders() -> int:
    """Remove those of every prefix. Returns their number. For the start of a server."""
    return sum(map(sweep_held_folders, PREFIXES))


def _place_of(prefix: str) -> Path:
    """Where the folders of a prefix are."""
    usual = tempfile.gettempdir()
    return Path("/tmp" if prefix == RAY and len(usual) > LONGEST_FOR_RAY else usual)


def _remove_abandoned(folder: Path) -> bool:
    held = open_to_lock(folder / HELD)
    try:
        if not lock(held):
            return False
        shutil.rmtree(folder)
        return True
    except NoLocks:
        return False
    finally:
        os.close(held)


def _owned(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


def _hold(folder: Path) -> int:
    """Lock the folder's file before it has its name, so that no other process finds it unlocked."""
    new = folder / f"{HELD}.new"
    new.touch()
    held = hold(new)
    new.rename(folder / HELD)
    return held


def _remove(folder: Path, held: int, owner: int) -> None:
    if os.getpid() == owner:  # a forked worker that ends does not own the folder
        let_go(held)
        shutil.rmtree(folder, ignore_errors=True)
