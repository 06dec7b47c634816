"""Sees whether the history's file is damaged, and sets a damaged one aside."""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from media.errors import OutputError
from media.file_lock import lock_file

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside its file."""
_BEGIN = b"SQLite format 3\0"
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
PATIENCE = 60.0
"""Seconds to wait for another process that makes the history anew; a thousand videos take it about six."""


def is_damage(error: Exception) -> bool:
    """Whether an error of SQLite's says that the file itself is damaged."""
    return primary_code(error) in _DAMAGED


def primary_code(error: Exception) -> int:
    """SQLite's result code without what it adds to it, 0 for other errors: https://sqlite.org/rescode.html."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def damage_of(path: Path, tables: Mapping[str, int]) -> str:
    """What is wrong with a history's file, in a few words; "" for one that is whole or not there.

    Every page of it is read: 20 ms for ten thousand videos. A file that cannot be read, is locked, or is no
    plain file (a folder, a device), is not called damaged. tables: that must be there, with the version from
    which on.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return ""
        if about.st_size == 0:
            return "0 bytes"
        with path.open("rb") as file:
            if file.read(len(_BEGIN)) != _BEGIN:
                return "not a database"
    except OSError:
        return ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10.0)) as db:
            verdict = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
            if verdict != "ok":
                return " ".join(verdict.split())[:120]
            known = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            version = db.execute("PRAGMA user_version").fetchone()[0]
            missing = [name for name, since in tables.items() if version >= since and name not in known]
            return f"without its table {missing[0]}" if missing else ""
    except sqlite3.Error as error:
        return str(error) if is_damage(error) else ""


def set_aside(path: Path) -> Path:
    """Give a damaged file a name that says when, with what SQLite has beside it. Raises OSError."""
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
    aside, number = path.with_name(f"{path.name}.damaged-{when}"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{when}-{number}")
    path.rename(aside)
    for end in _BESIDE:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    return aside


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let one process at a time look after a history. Raises OutputError when another takes too long."""
    with ExitStack() as held:
        try:
            held.enter_context(
                lock_file(path.with_name(f"{path.name}.lock"), PATIENCE, mode=0o600, remove=True)
            )
        except BlockingIOError:
            raise OutputError(
                "Another process has been repairing the history {path} for a minute.", path=path
            ) from None
        yield
