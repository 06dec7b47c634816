"""Remembers finished videos in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from media.errors import InputError, JoyStudioError, OutputError
from studio.events import Result
from studio.motion import motion_path

SCHEMA_VERSION = 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS results (
    number INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    engine TEXT NOT NULL,
    portrait_sha256 TEXT NOT NULL,
    speech_sha256 TEXT NOT NULL,
    result TEXT NOT NULL
)
"""


@dataclass(frozen=True)
class Entry:
    """One remembered video; created is the UTC time at which it was finished."""

    created: datetime
    result: Result

    def as_json(self) -> dict[str, Any]:
        """The entry in values that `json.dumps` takes."""
        return {"created": self.created.isoformat(timespec="seconds")} | self.result.as_json()


class History:
    """The finished videos of one SQLite file. Safe to use from several threads and processes.

    Every call opens the file anew: a connection belongs to one thread, and a call is a millisecond.
    Every method raises OutputError when the file cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, result: Result) -> None:
        """Remember a finished video."""
        created = datetime.now(UTC).isoformat()
        row = (result.job_id, created, result.engine, result.portrait_sha256, result.speech_sha256)
        with self._open() as db:
            db.execute(
                "INSERT INTO results (job_id, created, engine, portrait_sha256, speech_sha256, result)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (*row, json.dumps(result.as_json() | _absolute(result))),
            )

    def list(self, limit: int = 50) -> list[Entry]:
        """The latest videos, newest first."""
        with self._open() as db:
            rows = db.execute(
                "SELECT created, result FROM results ORDER BY number DESC LIMIT ?", (limit,)
            ).fetchall()
        return [_entry(*row) for row in rows]

    def get(self, job_id: str) -> Entry:
        """One video by its id or the beginning of it. Raises InputError when none or several begin so."""
        with self._open() as db:
            rows = db.execute(
                "SELECT created, result FROM results WHERE substr(job_id, 1, ?) = ? LIMIT 2",
                (len(job_id), job_id),
            ).fetchall()
        if not rows or not job_id:
            raise InputError(f"The history has no video {job_id!r}. `history list` shows those it has.")
        if len(rows) > 1:
            raise InputError(f"More than one video begins with {job_id!r}. Give more of its letters.")
        return _entry(*rows[0])

    def delete(self, job_id: str, *, file: bool = False) -> Entry:
        """Forget one video, named as for `get`, and remove its files too if `file`; gives what was forgotten.

        A file that is gone already is no error.
        """
        entry = self.get(job_id)
        if file:
            try:
                entry.result.path.unlink(missing_ok=True)
                motion_path(entry.result.path).unlink(missing_ok=True)
            except OSError as error:
                raise OutputError(
                    f"The video {entry.result.path} cannot be removed: {error.strerror}."
                ) from error
        with self._open() as db:
            db.execute("DELETE FROM results WHERE job_id = ?", (entry.result.job_id,))
        return entry

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A transaction in the history's file, made when it is not there."""
        db: sqlite3.Connection | None = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=10.0)
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise OutputError(
                    f"The history {self.path} was written by a newer JoyStudio (version {version}, this one "
                    f"knows {SCHEMA_VERSION}). Update, or set JOYSTUDIO_HISTORY to another file."
                )
            if version < SCHEMA_VERSION:
                # Readers of the page do not wait for a job that is being written down.
                db.execute("PRAGMA journal_mode = WAL")
                db.execute(_SCHEMA)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            with db:
                yield db
        except (sqlite3.Error, OSError) as error:
            raise OutputError(f"The history {self.path} cannot be used: {error}.") from error
        finally:
            if db is not None:
                db.close()


def remember(result: Result, path: Path) -> str:
    """Record a result; a sentence about what went wrong, or "". A finished video outweighs its history."""
    try:
        History(path).record(result)
    except JoyStudioError as error:
        return f"The video is finished but could not be remembered: {error}"
    return ""


def _absolute(result: Result) -> dict[str, str | None]:
    """The result's paths, which hold wherever the history is read."""
    motion = result.motion.resolve() if result.motion else None
    return {"path": str(result.path.resolve()), "motion": str(motion) if motion else None}


def _entry(created: str, text: str) -> Entry:
    known = {field.name for field in fields(Result)}
    values = {name: value for name, value in json.loads(text).items() if name in known}
    values["path"] = Path(values["path"])
    values["motion"] = Path(values["motion"]) if values.get("motion") else None
    values["size"] = tuple(values["size"])
    values["notes"] = tuple(values["notes"])
    return Entry(datetime.fromisoformat(created), Result(**values))
