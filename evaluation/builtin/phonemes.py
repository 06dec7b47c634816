"""The times of spoken sounds, from a table."""

from __future__ import annotations

import math
from pathlib import Path

from media.documents.bounds import LIST
from media.documents.csv_text import Record, check_columns, records
from media.documents.quoting import reason_of
from media.documents.text import read_text
from media.errors import DocumentError, InputError

BILABIALS = frozenset({"p", "b", "m", "pʰ", "pʲ", "bʲ", "mʲ", "em"})
"""In IPA, ARPAbet and pinyin; signs of stress and length are left out before the comparison."""


def read_closures(path: Path) -> list[tuple[float, float]]:
    """(start, end) in seconds of every p, b and m of a CSV file with the columns start, end, phoneme.

    Raises InputError when the file lacks a column or a time is not a number.
    """
    try:
        table = records(read_text(path, LIST))
        first = next(table, None)
        if first is None:
            return []
        head = [name.strip() for name in first.cells]
        check_columns(head)
        places = [head.index(name) for name in ("start", "end", "phoneme")]
        return [times for record in table if (times := _closure(record, places))]
    except (DocumentError, ValueError) as error:
        raise InputError(
            "{name} does not give the times of sounds ({reason}); it needs the columns start, end and "
            "phoneme, with times in seconds.",
            name=path.name,
            reason=reason_of(error),
        ) from error


def _closure(record: Record, places: list[int]) -> tuple[float, float] | None:
    """The times of a line if its sound is one. Raises ValueError for a line that does not tell."""
    if record.trouble or len(record.cells) <= max(places):
        raise ValueError(f"line {record.number}: {record.trouble or 'a cell is missing'}")
    start, end, phoneme = (record.cells[place].strip() for place in places)
    if phoneme.strip("ˈˌː012 ").lower() not in BILABIALS:
        return None
    times = float(start[:100]), float(end[:100])
    if not all(map(math.isfinite, times)):
        raise ValueError(f"line {record.number}: {start[:20]} to {end[:20]} are not times")
    return times
