"""Reads marks from a table: CSV with a line for each key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from media.documents.bounds import OPTIONS
from media.documents.csv_text import SEPARATORS, CsvRecord, check_columns, records
from media.documents.quoting import quoted
from media.errors import DocumentError

COLUMNS = ("name", "seconds", "value")
WHOLE = ("ease", "unit")
"""Columns that may be missing; what one line of a track says counts for the whole track."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+")
"""A number as spreadsheets of many countries write it, between semicolons or tabs."""


def is_table(text: str) -> bool:
    """Whether the first line names one of the columns."""
    first = next(records(text, OPTIONS), CsvRecord(1))
    return any(cell.strip().lower() in COLUMNS for cell in first.cells)


def table_tracks(text: str) -> list[dict[str, Any]]:
    """The tracks of a CSV with the columns name, seconds and value, and perhaps ease and unit.

    Columns have any order and case; others are refused, so that a misspelled one is noticed. Empty lines and
    empty cells at the end of a line are left out. Raises DocumentError with the line.
    """
    lines = records(text, OPTIONS)
    first = next(lines, CsvRecord(1))
    names = [cell.strip().lower() for cell in first.cells]
    while names and not names[-1]:
        names.pop()
    _check_names(names)
    tracks: dict[str, dict[str, Any]] = {}
    comma = max(SEPARATORS, key=text.lstrip().partition("\n")[0].count) != ","
    for line in lines:
        row = _row(line, names)
        name = row["name"]
        if not name:
            raise DocumentError("its line {line} has no name", line=line.number)
        track = tracks.setdefault(name.casefold(), {"name": name, "keys": []})
        track["keys"].append(
            [_number(row[column], column, line.number, comma=comma) for column in COLUMNS[1:]]
        )
        for part in WHOLE:
            if (said := row.get(part, "").lower()) and track.setdefault(part, said) != said:
                raise DocumentError(
                    'its line {line} gives the track "{name}" the {part} "{other}", and an earlier line '
                    '"{said}"; one counts for the whole track',
                    line=line.number,
                    name=quoted(name, 30),
                    part=part,
                    other=quoted(said, 20),
                    said=quoted(track[part], 20),
                )
    return list(tracks.values())


def _check_names(names: list[str]) -> None:
    """Raise DocumentError for columns that are missing, unknown or there twice."""
    if missing := [name for name in COLUMNS if name not in names]:
        raise DocumentError(
            "its first line lacks {names}; the columns are name, seconds, value, and perhaps ease and unit",
            names=", ".join(missing),
        )
    check_columns(names)
    if unknown := [name for name in names if name not in COLUMNS + WHOLE]:
        raise DocumentError(
            'its column "{name}" is not known; the columns are name, seconds, value, and perhaps ease '
            "and unit",
            name=quoted(unknown[0], 30),
        )


def _row(line: CsvRecord, names: list[str]) -> Mapping[str, str]:
    """The cells of a line by their columns; missing ones are empty."""
    if line.trouble:
        raise DocumentError("its line {line} cannot be read: {reason}", line=line.number, reason=line.trouble)
    cells = [cell.strip() for cell in line.cells]
    if any(cells[len(names) :]):
        raise DocumentError(
            "its line {line} has {cells} cells, and the first line {columns}; write numbers as 0.5, or "
            "separate the columns by semicolons",
            line=line.number,
            cells=len(cells),
            columns=len(names),
        )
    return dict(zip(names, [*cells, *[""] * len(names)], strict=False))


def _number(text: str, column: str, line: int, *, comma: bool) -> float:
    if comma and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if _NUMBER.fullmatch(text):
        return float(text)
    raise DocumentError(
        "its line {line} has {text} in the column {column}; write a number such as 1.5",
        line=line,
        text=quoted(text, 20) or "nothing",
        column=column,
    )
