"""The SQLite file of the history: opened for one transaction at a time, and migrated to the current
version.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from media.errors import OutputError
from media.messages import said
from media.output_file import NO_ROOM
from studio.gallery.found_videos import found_videos
from studio.gallery.history_rescue import alone, damage_of, is_damage, primary_code, set_aside
from studio.gallery.history_rows import INSERT_IF_NEW, row_of
from studio.gallery.history_schema import SCHEMA_VERSION, TABLES, bring_up_to_date, version_of

_log = logging.getLogger("joystudio.history")
ROOM = 1_000_000
"""Bytes that the history and SQLite's files next to it may need for one more video."""
_PATIENCE = 10.0
"""Seconds to wait for other writers; a transaction takes a millisecond."""


_REPAIRED = (
    "The history was damaged ({damage}) and has been set aside as {aside}. The new one lists the "
    "videos in the outputs folder ({count}) from their metadata. Their owners are unknown, so no visitor "
    "sees them."
)


class HistoryDamaged(OutputError):
    """The history was found damaged during an operation, and has been rebuilt; try again."""


@contextmanager
def open_history(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction in the history's file, which is created if missing and rebuilt if damaged.

    The file is checked once per process, and whenever SQLite reports damage. Every call opens it again: a
    connection belongs to one thread, and a call takes a millisecond. Raises OutputError if the file cannot be
    read or written, or was written by a newer version; HistoryDamaged if damage shows only inside the block,
    after the file has been rebuilt.
    """
    try:
        about = path.stat()
        if not about.st_size or not _whole(path.absolute(), about.st_dev, about.st_ino):
            tell_owner(repair_history(path))
    except FileNotFoundError:
        _make(path)
    try:
        with ExitStack() as stack:
            try:
                db = stack.enter_context(_transaction(path))
            except sqlite3.Error as error:
                if not is_damage(error):
                    raise
                _whole.cache_clear()
                tell_owner(repair_history(path))
                db = stack.enter_context(_transaction(path))
            yield db
    except (sqlite3.Error, OSError) as error:
        if is_damage(error):
            _whole.cache_clear()
            note = repair_history(path)
            tell_owner(note)
            raise HistoryDamaged(
                note or said("The history {path} was damaged; try again.", path=path)
            ) from error
        raise explain_history_error(error, path) from error


def repair_history(path: Path, outputs: Path | None = None) -> str:
    """Set a damaged history aside and rebuild it. Returns a sentence about that, or "" if it was intact.

    Reads every page of the file. If several processes find the damage at once, it is rebuilt once. The new
    history has a line for every video in the outputs whose metadata says how it was made. Such a line belongs
    to the owner of the machine: it is in no visitor's gallery, and no link leads to it.

    outputs: the folder of finished videos, searched with its subfolders; None for the folder of the history.
    Raises OutputError if a file cannot be set aside or written.
    """
    if not damage_of(path, TABLES):
        return ""
    try:
        with alone(path):
            damage = damage_of(path, TABLES)
            if not damage:
                return ""
            found = found_videos(outputs or path.parent, deep=outputs is not None)
            aside = set_aside(path)
            try:
                with _transaction(path) as db:
                    db.executemany(INSERT_IF_NEW, [row_of(result, created) for created, result in found])
            except BaseException:
                aside.replace(path)  # another attempt may find room
                raise
    except (sqlite3.Error, OSError) as error:
        raise explain_history_error(error, path) from error
    return said(_REPAIRED, damage=damage, aside=aside.name, count=len(found))


def tell_owner(note: str) -> None:
    """Log the sentence of `repair_history`, if there is one."""
    if note:
        _log.warning("%s", note)


def _make(path: Path) -> None:
    """Create a new history; while its file is empty, it must not count as damaged."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with alone(path), _transaction(path):
            pass
    except (sqlite3.Error, OSError) as error:
        raise explain_history_error(error, path) from error


@lru_cache(maxsize=16)
def _whole(path: Path, device: int, inode: int) -> bool:
    """Whether this very file was found intact, so that it is not checked at every call."""
    return not damage_of(path, TABLES)


@contextmanager
def _transaction(path: Path) -> Iterator[sqlite3.Connection]:
    """As `open_history`, for an intact file. Raises sqlite3.Error and OSError."""
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, timeout=_PATIENCE)
        if version_of(db, path) < SCHEMA_VERSION:
            _let_readers_in(db)
            bring_up_to_date(db, path)
        with db:
            yield db
    finally:
        if db is not None:
            db.close()


def explain_history_error(error: Exception, path: Path) -> OutputError:
    """The error for a history that cannot be used, from an error of SQLite or the system."""
    code = primary_code(error)
    if path.is_dir():
        return OutputError(
            "The history {path} is a folder. Name a file with JOYSTUDIO_HISTORY, as in {example}.",
            path=path,
            example=path / "history.sqlite",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return OutputError(
            "The history {path} has been locked by another program for {patience:g} s. End that program, or "
            "set JOYSTUDIO_HISTORY to another file.",
            path=path,
            patience=_PATIENCE,
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return OutputError(
            "The history {path} is not writable. Change its permissions, or set JOYSTUDIO_HISTORY to "
            "another file.",
            path=path,
        )
    if (
        code == sqlite3.SQLITE_FULL
        or getattr(error, "errno", None) in NO_ROOM
        or _is_full(error, path.parent)
    ):
        return OutputError(
            'There is not enough disk space for the history in "{parent}". Free some space.',
            parent=path.parent,
        )
    return OutputError("The history {path} cannot be used: {reason}.", path=path, reason=error)


def _is_full(error: Exception, folder: Path) -> bool:
    """Whether SQLite's "disk I/O error", which has no error number, comes from a full disk."""
    if primary_code(error) != sqlite3.SQLITE_IOERR:
        return False
    try:
        return shutil.disk_usage(folder).free < ROOM
    except OSError:
        return False


def _let_readers_in(db: sqlite3.Connection) -> None:
    """Switch to a write-ahead log, so that readers do not wait for a job that is being recorded.

    SQLite does not wait for a lock here as it does elsewhere, so several processes that create the file at
    once have to retry.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
