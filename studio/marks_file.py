"""Reads a file of marks, JSON or CSV, as the text of the option `marks`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from media.documents.bounds import OPTIONS
from media.documents.quoting import quoted
from media.documents.text import read_text
from media.errors import DocumentError, OptionError

MARKS = "marks"
"""The option."""
COLUMNS = ("name", "seconds", "value")
EASE = "ease"


def is_json(given: Any) -> bool:
    """Whether the value of the option is marks themselves, and not the name of their file."""
    return not isinstance(given, str) or given.lstrip()[:1] in ("", "{", "[")


def read_marks(path: Path) -> str:
    """The marks in a file as JSON text, which the engine's options check.

    A CSV has the columns name, seconds and value, and may have ease, which counts for the whole track. Raises
    OptionError if the file cannot be read.
    """
    try:
        text = read_text(path, OPTIONS)
        return text if is_json(text) else json.dumps({"tracks": _tracks(text)})
    except (DocumentError, csv.Error) as error:
        raise OptionError(
            "The marks in {name} cannot be used: {reason}.", name=quoted(path.name), reason=error
        ) from None


def _tracks(text: str) -> list[dict[str, Any]]:
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    head = [cell.strip().lower() for cell in next(rows)]
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise DocumentError(
            "its first line lacks {names}; the columns are name, seconds, value and ease",
            names=", ".join(missing),
        )
    tracks: dict[str, dict[str, Any]] = {}
    for number, cells in enumerate(rows, 2):
        row = dict(zip(head, (cell.strip() for cell in cells), strict=False))
        if not any(row.values()):
            continue
        name = row.get("name", "")
        track = tracks.setdefault(name, {"name": name, "keys": []})
        track["keys"].append([_number(row.get(column, ""), column, number) for column in COLUMNS[1:]])
        if row.get(EASE):
            track[EASE] = row[EASE]
    return list(tracks.values())


def _number(text: str, column: str, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise DocumentError(
            "its line {line} has {text} in the column {column}; write a number such as 1.5",
            line=line,
            text=quoted(text, 20) or "nothing",
            column=column,
        ) from None
