"""The SQLite file behind the history: opened for one transaction at a time, and brought up to date."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from media.errors import OutputError

_STEPS = (
    (
        """
CREATE TABLE IF NOT EXISTS results (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    engine TEXT NOT NULL,
    portrait_sha256 TEXT NOT NULL,
    speech_sha256 TEXT NOT NULL,
    result TEXT NOT NULL
)""",
    ),
    (
        # Whose video it is, as `studio.visitors` says it; empty for those made in a shell or by version 1.
        "ALTER TABLE results ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX results_of_owner ON results (owner, number)",
        """
CREATE TABLE shares (
    token TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    expires REAL NOT NULL
)""",
    ),
)
"""What takes the file from each version to the next."""

SCHEMA_VERSION = len(_STEPS)

_PATIENCE = 10.0
"""Seconds to wait for others who write; a transaction takes a millisecond."""


@contextmanager
def open_history(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction in the history's file, made when it is not there.

    Every call opens the file anew: a connection belongs to one thread, and a call is a millisecond. Raises
    OutputError when the file cannot be read or written, or was written by a newer version.
    """
    db: sqlite3.Connection | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=_PATIENCE)
        if _version(db, path) < SCHEMA_VERSION:
            _let_readers_in(db)
            with db:
                db.execute("BEGIN IMMEDIATE")  # and look again: another process may have been quicker
                for statements in _STEPS[_version(db, path) :]:
                    for statement in statements:
                        db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        with db:
            yield db
    except (sqlite3.Error, OSError) as error:
        raise OutputError(f"The history {path} cannot be used: {error}.") from error
    finally:
        if db is not None:
            db.close()


def _let_readers_in(db: sqlite3.Connection) -> None:
    """Switch to a write-ahead log: readers of the page do not wait for a job that is being written down.

    SQLite does not wait for this switch as it does for everything else, so several who make the file at once
    have to ask again.
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


def _version(db: sqlite3.Connection, path: Path) -> int:
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise OutputError(
            f"The history {path} was written by a newer JoyStudio (version {version}, this one "
            f"knows {SCHEMA_VERSION}). Update, or set JOYSTUDIO_HISTORY to another file."
        )
    return version
