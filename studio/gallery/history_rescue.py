"""Detects a damaged history file, and sets it aside."""

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
"""The files that SQLite keeps next to its database."""
_BEGIN = b"SQLite format 3\0"
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
PATIENCE = 60.0
"""Seconds to wait for another process that rebuilds the history; a thousand videos take about six."""


def is_damage(error: Exception) -> bool:
    """Whether an SQLite error says that the file itself is damaged."""
    return primary_code(error) in _DAMAGED


def primary_code(error: Exception) -> int:
    """SQLite's primary result code, 0 for other errors: https://sqlite.org/rescode.html."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def damage_of(path: Path, tables: Mapping[str, int]) -> str:
    """What is wrong with a history file, in a few words; "" if it is intact or does not exist.

    Reads every page: 20 ms for ten thousand videos. A file that cannot be read, is locked, or is not a
    regular file (a folder, a device) does not count as damaged. tables: the required tables, each with the
    version that introduced it.
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
    """Rename a damaged file, with SQLite's files next to it, so that its name contains the time. Raises
    OSError.
    """
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
    """Let one process at a time check a history. Raises OutputError if another takes too long."""
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
