"""What a finished comparison shows when it is opened again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from media.documents.bounds import RECORD
from media.documents.json_text import read_json
from media.errors import DocumentError, InputError
from studio.comparison.folders import ComparisonFolder, find_comparison, list_comparisons
from studio.in_use import in_use
from studio.settings import Settings


@dataclass(frozen=True)
class FinishedColumn:
    """A column: its title, the name of its video, and the reason if there is none."""

    title: str
    video: str | None
    error: str = ""


@dataclass(frozen=True)
class FinishedComparison:
    """A comparison whose files are written. portrait and voice: the names of the files."""

    folder: ComparisonFolder
    columns: tuple[FinishedColumn, ...]
    portrait: str
    voice: str


def list_finished(owner: str, settings: Settings) -> list[FinishedComparison]:
    """An owner's finished comparisons, newest first. Raises OutputError if the history cannot be used."""
    found = list_comparisons(settings, owner=owner) if owner else []
    finished = (read_finished(made) for made in found if not in_use(made.path))
    return [one for one in finished if one is not None]


def find_finished(owner: str, job_id: str, settings: Settings) -> FinishedComparison:
    """One of an owner's finished comparisons. Raises InputError if there is none, and OutputError."""
    made = find_comparison(job_id, settings)
    mine = made is not None and bool(owner) and made.owner == owner and not in_use(made.path)
    found = read_finished(made) if made is not None and mine else None
    if found is not None:
        return found
    raise InputError("This comparison no longer exists: it was deleted, or its time has ended.")


def read_finished(made: ComparisonFolder) -> FinishedComparison | None:
    """A comparison from its own files; None if it was not finished, or its files are damaged."""
    try:
        document = read_json(made.path / "comparison.json", RECORD)
        columns = tuple(_column(made, one) for one in document["columns"])
        results = [one["result"] for one in document["columns"] if one["result"]]
        return FinishedComparison(made, columns, str(results[0]["portrait"]), str(results[0]["speech"]))
    except (DocumentError, LookupError, TypeError):
        return None


def _column(made: ComparisonFolder, one: dict[str, Any]) -> FinishedColumn:
    name = str(one["result"]["path"]) if one["result"] else None
    there = name is not None and name in made.names()
    return FinishedColumn(str(one["title"]), name if there else None, str(one["error"]))
