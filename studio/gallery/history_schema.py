"""The tables of the history file, and the migrations of older files."""

from __future__ import annotations

import sqlite3
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
        # The owner, as in `studio.gallery.visitors`; empty for videos made in a shell or by version 1.
        "ALTER TABLE results ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX results_of_owner ON results (owner, number)",
        """
CREATE TABLE shares (
    token TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    expires REAL NOT NULL
)""",
    ),
    (
        # The key that signs the addresses of visitors' files, and the comparisons, each in its own folder.
        "CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL)",
        """
CREATE TABLE comparisons (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,
    owner TEXT NOT NULL,
    folder TEXT NOT NULL
)""",
    ),
    (
        # The uploads of visitors' videos; the files are in a running server's folder of uploads.
        "CREATE TABLE uploads (job_id TEXT NOT NULL, path TEXT NOT NULL)",
    ),
    (
        # The inputs with which the page opens a visitor's video: portrait, voice, and the chosen face or
        # points.
        "CREATE TABLE given (job_id TEXT PRIMARY KEY, inputs TEXT NOT NULL)",
    ),
    (
        # The takes of one portrait and one voice: their numbers from 1, and the names from visitors.
        "ALTER TABLE results ADD COLUMN take INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE results ADD COLUMN name TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX results_of_pair ON results (owner, portrait_sha256, speech_sha256, number)",
        "CREATE TEMP TABLE ranks (number INTEGER PRIMARY KEY, take INTEGER NOT NULL)",
        """
INSERT INTO ranks SELECT number, ROW_NUMBER() OVER (
    PARTITION BY owner, portrait_sha256, speech_sha256 ORDER BY number
) FROM results""",
        "UPDATE results SET take = (SELECT take FROM ranks WHERE ranks.number = results.number)",
        "DROP TABLE ranks",
    ),
)
"""The migration from each version to the next."""

SCHEMA_VERSION = len(_STEPS)

TABLES = {"results": 1, "shares": 2, "secrets": 3, "comparisons": 3, "uploads": 4, "given": 5}
"""The tables of the file, each with the version that introduced it."""


def bring_up_to_date(db: sqlite3.Connection, path: Path) -> None:
    """Migrate the file to the current version, in one transaction.

    Raises OutputError for a file of a newer JoyStudio, and sqlite3.Error.
    """
    with db:
        db.execute("BEGIN IMMEDIATE")  # and check again: another process may have been faster
        for statements in _STEPS[version_of(db, path) :]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def version_of(db: sqlite3.Connection, path: Path) -> int:
    """The version of the file, 0 for a new one. Raises OutputError for one of a newer JoyStudio."""
    version: int = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise OutputError(
            "The history {path} was written by a newer JoyStudio (version {version}, this one knows "
            "{known}). Update, or set JOYSTUDIO_HISTORY to another file.",
            path=path,
            version=version,
            known=SCHEMA_VERSION,
        )
    return version
