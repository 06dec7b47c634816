"""Records finished videos in one SQLite file."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from media.documents.bounds import RECORD_LINE
from media.documents.json_text import parse_json
from media.documents.quoting import quoted, reason_of, shown
from media.errors import DocumentError, InputError, JoyStudioError, OutputError
from studio.events import Result
from studio.gallery.found_videos import NOTE, id_of
from studio.gallery.history_file import HistoryDamaged, open_history, repair_history, tell_owner
from studio.gallery.history_rows import INSERT, row_of
from studio.gallery.kept_inputs import forget_inputs, has_takes, pair_of
from studio.gallery.visitors import NO_OWNER
from studio.motion import motion_path

_log = logging.getLogger("joystudio.history")


@dataclass(frozen=True)
class HistoryEntry:
    """One recorded video. created: the UTC time at which it was finished."""

    created: datetime
    result: Result

    def as_json(self) -> dict[str, Any]:
        """The entry as values for `json.dumps`."""
        return {"created": self.created.isoformat(timespec="seconds")} | self.result.as_json()


class History:
    """The finished videos in one SQLite file. Safe to use from several threads and processes.

    owner: if given, only that visitor's videos exist. Every method raises OutputError if the file cannot be
    read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, result: Result, owner: str = "") -> None:
        """Record a finished video and its owner."""
        with open_history(self.path) as db:
            # A repair by another process may already have added the video.
            db.execute(
                "DELETE FROM results WHERE job_id IN (?, ?) AND owner = ''"
                " AND json_extract(result, '$.notes[0]') = ?",
                (result.job_id, id_of(result.path.resolve()), NOTE),
            )
            db.execute(INSERT, row_of(result, datetime.now(UTC), owner))

    def list(self, limit: int = 50, *, owner: str | None = None) -> list[HistoryEntry]:
        """The latest videos, newest first."""
        with open_history(self.path) as db:
            rows = db.execute(
                "SELECT created, result FROM results WHERE ?1 IS NULL OR owner = ?1"
                " ORDER BY number DESC LIMIT ?2",
                (owner, limit),
            ).fetchall()
        entries = (read_row(created, text, self.path) for created, text in rows)
        return [entry for entry in entries if entry is not None]

    def get(self, job_id: str, *, owner: str | None = None) -> HistoryEntry:
        """One video by its id or the beginning of it. Raises InputError if no id, or more than one, begins
        so.
        """
        with open_history(self.path) as db:
            rows = db.execute(
                "SELECT created, result FROM results"
                " WHERE substr(job_id, 1, ?1) = ?2 AND (?3 IS NULL OR owner = ?3) LIMIT 2",
                (len(job_id), job_id, owner),
            ).fetchall()
        if not rows or not job_id:
            raise InputError(
                "The history has no video {job_id}. `history list` shows its videos.", job_id=shown(job_id)
            )
        if len(rows) > 1:
            raise InputError(
                "More than one video ID begins with {job_id}. Type more of its characters.",
                job_id=shown(job_id),
            )
        created, text = rows[0]
        entry = read_row(created, text, self.path)
        if entry is None:
            raise OutputError(
                "The history {path} has a damaged entry for the video {job_id}.",
                path=self.path,
                job_id=quoted(job_id),
            )
        return entry

    def find(self, job_id: str) -> tuple[HistoryEntry, str] | None:
        """One video by its full id, and its owner; None if there is none."""
        with open_history(self.path) as db:
            row = db.execute(
                "SELECT created, result, owner FROM results WHERE job_id = ?", (job_id,)
            ).fetchone()
        entry = read_row(row[0], row[1], self.path) if row else None
        return (entry, row[2]) if entry else None

    def delete(self, job_id: str, *, file: bool = False, owner: str | None = None) -> HistoryEntry:
        """Remove one video, named as for `get`, and also its files if `file`. Returns the removed entry.

        Its links end with it, and after the last take of a portrait and a voice, so do their kept files. It
        is not an error if a file no longer exists.
        """
        from studio.gallery.exports import delete_exports  # late: recording a video needs no exports

        entry = self.get(job_id, owner=owner)
        if file:
            try:
                entry.result.path.unlink(missing_ok=True)
                motion_path(entry.result.path).unlink(missing_ok=True)
                delete_exports(entry.result.path)
            except OSError as error:
                raise OutputError(
                    "The video {path} cannot be removed: {reason}.",
                    path=entry.result.path,
                    reason=error.strerror,
                ) from error
        with open_history(self.path) as db:
            pair = pair_of(db, entry.result.job_id)
            for table in ("results", "shares", "given"):
                db.execute(f"DELETE FROM {table} WHERE job_id = ?", (entry.result.job_id,))
            if pair is not None and not has_takes(db, pair):
                forget_inputs(entry.result.path, pair)
        return entry


def remember(result: Result, path: Path, owner: str = "") -> str:
    """Record a result. Returns a sentence about what went wrong, or "": a finished video matters more."""
    try:
        try:
            History(path).record(result, owner)
        except HistoryDamaged:  # it has been rebuilt by now
            History(path).record(result, owner)
    except JoyStudioError as error:
        return f"The video is finished but could not be remembered: {error}"
    return ""


def with_history(result: Result, path: Path, outputs: Path, owner: str = "") -> Result:
    """Record a result. Returns it with notes about problems.

    outputs: the folder of finished videos, for a history that has to be rebuilt. Only the owner of the
    machine gets a note about a damaged history.
    """
    repaired = ""
    with contextlib.suppress(OutputError):  # recording gives the reason
        repaired = repair_history(path, outputs)
    if owner != NO_OWNER:
        tell_owner(repaired)
    trouble = remember(result, path, owner)
    added = (repaired if owner == NO_OWNER else "", trouble)
    return replace(result, notes=(*result.notes, *filter(None, added)))


def read_row(created: str, text: str, where: Path) -> HistoryEntry | None:
    """The entry in a row; None, and a line in the log, for a damaged row."""
    try:
        result = Result.from_json(parse_json(text, RECORD_LINE))
        return HistoryEntry(datetime.fromisoformat(created), result)
    except (DocumentError, LookupError, TypeError, ValueError, AttributeError, OverflowError) as error:
        _tell_once(where, created, reason_of(error))
        return None


@lru_cache(maxsize=1000)
def _tell_once(where: Path, created: str, reason: str) -> None:
    """Log a damaged row once: the page lists the same rows over and over."""
    _log.warning("%s has a row of %s that cannot be read: %s", where, created, reason)
