"""The comparisons of visitors: each has its own folder and an owner, and is kept for some hours."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from media.errors import InputError, OutputError
from studio.downloads import GONE
from studio.gallery.history_file import open_history
from studio.in_use import holding
from studio.settings import Settings

FOLDER = "comparisons"
"""Inside the outputs."""
TYPES = {
    ".mp4": "video/mp4",
    ".zip": "application/zip",
    ".csv": "text/csv",
    ".json": "application/json",
    ".html": "text/html",
}
"""The file endings in a comparison, and their media types."""


@dataclass(frozen=True)
class ComparisonFolder:
    """A comparison's folder. created: seconds since 1970."""

    id: str
    created: float
    owner: str
    path: Path

    def names(self) -> list[str]:
        """The names of the existing files."""
        names = sorted(path.name for path in self.path.glob("*"))
        return [name for name in names if Path(name).suffix in TYPES and not name.startswith(".")]

    def file(self, name: str) -> Path:
        """One of its files by name. Raises InputError for any other name."""
        path = self.path / name
        plain = name == Path(name).name and not name.startswith(".") and path.suffix in TYPES
        # These two accept every text; Path's own methods raise for one that is too long.
        if not plain or os.path.islink(path) or not os.path.isfile(path):  # noqa: PTH113, PTH114
            raise InputError(GONE)
        return path


@contextmanager
def new_comparison(owner: str, settings: Settings) -> Iterator[ComparisonFolder]:
    """Create a folder that is locked while the comparison is made. Raises OutputError if there is no room."""
    job_id = secrets.token_hex(8)
    path = (settings.outputs / FOLDER / job_id).resolve()
    try:
        path.mkdir(parents=True)
    except OSError as error:
        raise OutputError(
            'The folder "{path}" cannot be created ({reason}); choose another.',
            path=path,
            reason=error.strerror,
        ) from error
    made = ComparisonFolder(job_id, time.time(), owner, path)
    with open_history(settings.history) as db:
        db.execute("INSERT INTO comparisons VALUES (?, ?, ?, ?)", (job_id, made.created, owner, str(path)))
    with holding(path):
        yield made


def find_comparison(job_id: str, settings: Settings) -> ComparisonFolder | None:
    """A comparison by its full id; None if there is none."""
    with open_history(settings.history) as db:
        row = db.execute(
            "SELECT id, created, owner, folder FROM comparisons WHERE id = ?", (job_id,)
        ).fetchone()
    return _folder(*row) if row else None


def list_comparisons(settings: Settings, *, owner: str | None = None) -> list[ComparisonFolder]:
    """All comparisons, or one owner's, newest first."""
    with open_history(settings.history) as db:
        rows = db.execute(
            "SELECT id, created, owner, folder FROM comparisons WHERE ?1 IS NULL OR owner = ?1"
            " ORDER BY created DESC",
            (owner,),
        ).fetchall()
    return [_folder(*row) for row in rows]


def _folder(job_id: str, created: float, owner: str, path: str) -> ComparisonFolder:
    return ComparisonFolder(job_id, created, owner, Path(path))


def delete_comparison(made: ComparisonFolder, settings: Settings) -> None:
    """Remove a comparison and its files; from then on they cannot be opened."""
    with open_history(settings.history) as db:
        db.execute("DELETE FROM comparisons WHERE id = ?", (made.id,))
    shutil.rmtree(made.path, ignore_errors=True)
