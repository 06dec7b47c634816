"""Folders of work that must survive a restart of the page; only the user who runs the page can read them.

A file in each says whose work it is and since when. The process that has the work keeps that file locked: a
folder whose file is not locked belongs to work that `kill -9`, a power cut or a restart interrupted. A folder
is removed when its work has ended, and after `keep_hours`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from media.errors import InputError
from media.file_lock import NoLocks, hold, is_held, let_go
from studio.clock import SureClock
from studio.gallery.visitors import NO_OWNER

MOST = 20
"""Largest number of interrupted works of a kind shown to one visitor."""
MOST_TRIES = 2
"""How often work may be interrupted in the middle before the page no longer takes it up by itself: it may be
what ended the process.
"""
PATIENCE = 0.5
"""Seconds to wait for a lock on work that seemed free: another thread may be asking whether it is."""
_TRY = "try-"
_log = logging.getLogger("joystudio.waiting")


class ClaimedFolder:
    """The folder of work that this process has. Call `done` when the work has ended, or `release` to leave it
    interrupted.
    """

    def __init__(self, path: Path | None, held: int | None, ending: Callable[[], bool]) -> None:
        """path: None for work that could not be stored. ending: whether the page is stopping."""
        self.path = path
        self._held, self._ending = held, ending
        self._try: Path | None = None
        self._stays = False
        self.copies: Mapping[Path, Path] = {}
        """Where its folder has the files that it was stored with."""

    def there(self, file: Path) -> Path:
        """A file of the work, or its copy once it is gone: the uploads of a deleted video go with it."""
        copy = self.copies.get(file)
        return file if copy is None or file.exists() else copy

    def begin(self) -> None:
        """Record that its work begins, in case that it ends with the process."""
        if self.path is not None:
            self._try = self.path / f"{_TRY}{secrets.token_hex(4)}"
            with contextlib.suppress(OSError):
                self._try.touch()

    def progressed(self) -> None:
        """Forget earlier interruptions: its work is further than they left it."""
        if self.path is not None:
            for path in self.path.glob(f"{_TRY}*"):
                if path != self._try:
                    path.unlink(missing_ok=True)

    def stay(self) -> None:
        """Leave the work interrupted when it ends unfinished: its visitor does not wish that, and the work is
        not at fault.
        """
        self._stays = True

    def done(self, *, made: bool = False) -> None:
        """Remove it: the work was finished, cancelled or refused. After `stay`, and while the page is
        stopping, only finished work is removed.
        """
        folder, self.path = self.path, None
        if folder is not None and (made or not (self._stays or self._ending())):
            shutil.rmtree(folder, ignore_errors=True)
        elif self._try is not None:  # this end does not count as an interruption
            self._try.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Release it as it is. Does nothing after `done`."""
        held, self._held = self._held, None
        if held is not None:
            let_go(held)


class WaitingFolders:
    """The folders of one kind of work. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, about: str, seconds: float) -> None:
        """about: the name of the file in each. seconds: until interrupted work is too old."""
        self._folder, self._about, self._seconds = folder.absolute(), about, seconds

    def keep(self, owner: str, facts: Callable[[Path], dict[str, Any]]) -> tuple[Path | None, int | None]:
        """Store work for its visitor. Returns its folder, and the lock on it, both for `ClaimedFolder`.

        facts: what to store of the work; gets the new folder, to put files into it. Work without an owner is
        not stored, and work that cannot be stored is done anyway.
        """
        if owner == NO_OWNER:
            return None, None
        new = self._folder / f".new-{secrets.token_hex(16)}"
        held: int | None = None
        try:
            new.mkdir(parents=True, mode=0o700)
            self._folder.chmod(0o700)
            about = {"owner": owner, "created": time.time(), **facts(new)}
            (new / self._about).write_text(json.dumps(about), encoding="utf-8")
            held = hold(new / self._about)
            folder = new.with_name(new.name.removeprefix(".new-"))
            new.rename(folder)
        except OSError as error:
            _log.warning("A job could not be kept for the case of a restart: %s", error)
            if held is not None:
                let_go(held)
            shutil.rmtree(new, ignore_errors=True)
            return None, None
        return folder, held

    def interrupted(self, owner: str) -> list[tuple[Path, dict[str, Any]]]:
        """The folders of a visitor's work that no process has any more, and what they say; oldest first."""
        found = []
        for folder in self._folders():
            about = self._read(folder)
            if self._is_of(owner, about):
                with contextlib.suppress(OSError, NoLocks):
                    if not is_held(folder / self._about):
                        found.append((folder, about))
        return sorted(found, key=lambda one: float(one[1]["created"]))[:MOST]

    def take(self, owner: str, name: str) -> tuple[Path, int, dict[str, Any]]:
        """Take interrupted work, to do it now: its folder, the lock on it, and what it says.

        Raises InputError if it is gone or belongs to someone else.
        """
        for folder in self._folders():
            if folder.name == name and self._is_of(owner, self._read(folder)):
                try:
                    about = folder / self._about
                    held = hold(about, 0.0 if is_held(about) else PATIENCE)
                except OSError:
                    break
                if said := self._read(folder):
                    return folder, held, said
                let_go(held)  # removed by the one who had it
        raise gone()

    def sweep(self, clock: SureClock) -> int:
        """Remove interrupted work that is certainly too old, and incomplete ones. Returns their number."""
        removed = 0
        for folder in (*self._folders(), *self._folder.glob(".new-*")):
            about = self._read(folder)
            begun = float(about.get("created") or 0.0)
            with contextlib.suppress(OSError, NoLocks):
                old = clock.surely_over(max(begun, folder.stat().st_mtime) + self._seconds)
                if old and (not about or not is_held(folder / self._about)):
                    shutil.rmtree(folder)
                    removed += 1
        return removed

    def _folders(self) -> list[Path]:
        return [path for path in self._folder.glob("[0-9a-f]*") if path.is_dir() and not path.is_symlink()]

    def _is_of(self, owner: str, about: dict[str, Any]) -> bool:
        """Whether it is this visitor's, and not too old."""
        if owner == NO_OWNER or about.get("owner") != owner:
            return False
        return time.time() < float(about.get("created") or 0.0) + self._seconds

    def _read(self, folder: Path) -> dict[str, Any]:
        return read_facts(folder / self._about)


def gone() -> InputError:
    """The error for work that someone else has, or no one any more."""
    return InputError(
        "This job is no longer waiting: it was run or discarded, or it is too old. Reload the page."
    )


def tries(folder: Path) -> int:
    """How often its work was interrupted in the middle."""
    return len(list(folder.glob(f"{_TRY}*")))


def read_facts(path: Path) -> dict[str, Any]:
    """What a file of stored work says; empty for a file that is damaged or missing."""
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}
