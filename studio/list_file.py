"""Reads a list of things to make: a CSV file with a head line, or JSONL with an object on every line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.errors import InputError

NEEDED = ("portrait", "voice")
SEPARATORS = ",;\t"
JSON_LINES = (".jsonl", ".ndjson")
_UNUSABLE = '/\\:*?"<>|\0'


@dataclass(frozen=True)
class Row:
    """One line of a list: what it says, without what it leaves empty, or why it says nothing.

    number: of the line in the file, counted from 1.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""


def read_rows(path: Path) -> list[Row]:
    """Every line that is not blank, with at least portrait and voice unless it is in trouble.

    Text in cells is stripped. A CSV file may be parted by commas, semicolons or tabs. Raises InputError for a
    file that cannot be read, is empty, or says nowhere what portrait and voice are.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(_json_rows(text) if path.suffix.lower() in JSON_LINES else _csv_rows(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f'The list "{path}" cannot be read: {error}.') from error
    if not any(row.values.get(column) for row in rows for column in NEEDED):
        raise wants_columns(path, rows)
    return [_filled(row) for row in rows]


def wants_columns(path: Path, rows: list[Row]) -> InputError:
    """What is said about a list that lacks portraits and voices."""
    return InputError(
        f'The list "{path}" has {len(rows)} lines; it needs the columns portrait and voice, '
        "filled in each, and may have name, group and seed."
    )


def checked_name(text: str) -> str:
    """A name that can be that of a file. Raises InputError."""
    if text in ("", ".", "..") or any(sign in text for sign in _UNUSABLE):
        raise InputError(f'"{text}" cannot be the name of a file; leave out signs such as / and :.')
    return text


def _csv_rows(text: str) -> Iterator[Row]:
    head = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=head.count))
    for cells in reader:
        more = cells.pop(None, None)  # what lies beyond the last column
        values = {name.strip(): cell.strip() for name, cell in cells.items() if cell and cell.strip()}
        if more:
            yield Row(reader.line_num, values, f"It has {len(more)} cells more than there are columns.")
        elif values:
            yield Row(reader.line_num, values)


def _json_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError as error:
            yield Row(number, {}, f"It is not JSON: {error}.")
            continue
        if not isinstance(values, dict):
            yield Row(number, {}, 'It is not an object such as {"portrait": "a.png", "voice": "b.wav"}.')
            continue
        named = values.pop("options", None)
        options = named if isinstance(named, dict) else {}
        yield Row(number, {name: cell for name, cell in (values | options).items() if cell not in (None, "")})


def _filled(row: Row) -> Row:
    missing = [column for column in NEEDED if not isinstance(row.values.get(column), str)]
    if row.trouble or not missing:
        return row
    return Row(row.number, row.values, f"It does not say what {' and '.join(missing)} are.")
