"""A visitor's videos as takes: those of the same portrait and voice belong together, page after page."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from media.errors import InputError
from studio.downloads import GONE
from studio.gallery.history import History, HistoryEntry, read_row
from studio.gallery.history_file import open_history
from studio.gallery.kept_inputs import OF_PAIR, InputPair
from studio.gallery.videos import Gallery
from studio.gallery.visitors import NO_OWNER

ON_PAGE = 12
"""Takes on one page of the gallery."""
LONGEST_NAME = 60
"""Characters of a take's name."""

_ORDER = """
SELECT results.number, pairs.takes FROM results JOIN (
    SELECT portrait_sha256, speech_sha256, MAX(number) AS latest, COUNT(*) AS takes
    FROM results WHERE owner = ?1 GROUP BY portrait_sha256, speech_sha256
) AS pairs USING (portrait_sha256, speech_sha256)
WHERE owner = ?1 ORDER BY latest DESC, number DESC LIMIT -1 OFFSET ?2"""
"""The pair with the latest video comes first, and in it the latest take."""
_ROW = "SELECT created, result, take, name, owner, portrait_sha256, speech_sha256 FROM results WHERE "


@dataclass(frozen=True)
class Take:
    """A finished video. number: among the takes of its pair, from 1; a number is not given again to another
    take as long as there is a later one. name: as the visitor called it, or "". takes: the number of the
    pair's videos; 0 if it was not counted.
    """

    entry: HistoryEntry
    pair: InputPair
    number: int
    name: str
    takes: int = 0


@dataclass(frozen=True)
class TakesPage:
    """Some takes, in the order of the gallery. older: where the next page starts; None after the last."""

    takes: list[Take] = field(default_factory=list)
    older: int | None = None


def page_of_takes(
    gallery: Gallery, start: int = 0, wanted: Callable[[Take], bool] = lambda _: True
) -> TakesPage:
    """The takes of one page: pair by pair, the newest first.

    start: 0, or the `older` of another page. wanted: whether a search finds a take. Videos whose file is gone
    are left out. Reads one row at a time. Raises OutputError if the history cannot be used.
    """
    if gallery.owner == NO_OWNER:
        return TakesPage()
    found: list[Take] = []
    with open_history(gallery.settings.history) as db:
        for place, take in _in_order(db, gallery, max(0, start)):
            if not take.entry.result.path.is_file() or not wanted(take):
                continue
            if len(found) == ON_PAGE:
                return TakesPage(found, place)
            found.append(take)
    return TakesPage(found)


def _in_order(db: sqlite3.Connection, gallery: Gallery, start: int) -> Iterator[tuple[int, Take]]:
    with closing(db.execute(_ORDER, (gallery.owner, start))) as rows:
        for place, (number, takes) in enumerate(rows, start):
            take = _take(db, gallery, "number = ?", number, takes)
            if take is not None:
                yield place, take


def take_of(gallery: Gallery, job_id: str) -> Take:
    """One video of the gallery as a take. Raises the errors of `Gallery.get`."""
    entry = gallery.get(job_id)
    with open_history(gallery.settings.history) as db:
        take = _take(db, gallery, "job_id = ?", entry.result.job_id)
    if take is None:  # deleted in the meantime
        raise InputError(GONE)
    return take


def rename(gallery: Gallery, job_id: str, name: str) -> str:
    """Give a take a name, and return it; an empty one takes the name away.

    Raises InputError for a name that is too long, and the errors of `Gallery.get`.
    """
    kept = (one for one in name if one.isspace() or unicodedata.category(one) != "Cc")
    plain = " ".join("".join(kept).split())
    if len(plain) > LONGEST_NAME:
        raise InputError(
            "The name has {count} characters, and {most} are allowed. Shorten it.",
            count=len(plain),
            most=LONGEST_NAME,
        )
    job_id = gallery.get(job_id).result.job_id
    with open_history(gallery.settings.history) as db:
        db.execute(
            "UPDATE results SET name = ? WHERE job_id = ? AND owner = ?", (plain, job_id, gallery.owner)
        )
    return plain


def delete_project(gallery: Gallery, job_id: str) -> list[str]:
    """Delete all takes of a video's portrait and voice, with their files and links, and the kept inputs.

    Returns the ids of the deleted videos. Raises the errors of `Gallery.get` and `History.delete`.
    """
    pair = take_of(gallery, job_id).pair
    with open_history(gallery.settings.history) as db:
        rows = db.execute(f"SELECT job_id FROM results WHERE {OF_PAIR}", pair.values).fetchall()
    history = History(gallery.settings.history)
    for (one,) in rows:
        history.delete(one, file=True, owner=gallery.owner)
    return [one for (one,) in rows]


def _take(
    db: sqlite3.Connection, gallery: Gallery, where: str, value: int | str, takes: int = 0
) -> Take | None:
    row = db.execute(f"{_ROW}{where} AND owner = ?", (value, gallery.owner)).fetchone()
    if row is None:
        return None
    created, text, number, name, *pair = row
    entry = read_row(created, text, gallery.settings.history)
    return Take(entry, InputPair(*pair), number, name, takes) if entry else None
