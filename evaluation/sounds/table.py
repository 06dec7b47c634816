"""CSV files with the columns start, end and phoneme."""

from __future__ import annotations

from evaluation.sounds.tiers import Label
from media.documents.csv_text import CsvRecord, check_columns, records
from media.documents.quoting import quoted
from media.errors import DocumentError

COLUMNS = ("start", "end", "phoneme")


def read_table(text: str) -> list[Label]:
    """The labels of a table, in its order. Raises DocumentError, also for a line that does not tell."""
    table = records(text)
    first = next(table, None)
    if first is None:
        return []
    head = [name.strip() for name in first.cells]
    check_columns(head)
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise DocumentError(
            "the column {name} is missing; it needs the columns start, end and phoneme, with times in "
            "seconds",
            name=missing[0],
        )
    places = [head.index(name) for name in COLUMNS]
    return [_label(record, places) for record in table]


def _label(record: CsvRecord, places: list[int]) -> Label:
    if record.trouble or len(record.cells) <= max(places):
        raise DocumentError(
            "line {number}: {trouble}", number=record.number, trouble=record.trouble or "a cell is missing"
        )
    start, end, phoneme = (record.cells[place].strip() for place in places)
    try:
        return float(start[:100]), float(end[:100]), phoneme
    except ValueError:
        raise DocumentError(
            "line {number}: {start} to {end} are not times",
            number=record.number,
            start=quoted(start, 20),
            end=quoted(end, 20),
        ) from None
