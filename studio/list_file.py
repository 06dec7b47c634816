"""Reads a list of jobs: a CSV file with a header line, or JSONL with an object on every line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.documents.bounds import LINE, LIST, check_value
from media.documents.csv_text import CsvRecord, check_columns, records
from media.documents.json_text import parse_json
from media.documents.quoting import quoted
from media.documents.text import check_lines, decoded_loosely, filled_lines, read_bytes
from media.errors import DocumentError, InputError, printable
from media.messages import said

NEEDED = ("portrait", "voice")
VIDEO = "video"
"""The column for a video to be dubbed, in the place of a portrait."""
TEXT = "text"
"""The column for a text that is spoken instead of a voice."""
JSON_LINES = (".jsonl", ".ndjson")
_UNUSABLE = '/\\:*?"<>|\0'
_JOINERS = "\u200c\u200d"
"""Invisible, but part of words in Persian and Hindi, and of many emoji."""
_LONGEST_NAME = 200
"""Bytes; the video's ending and its temporary name need some of the 255 that file systems allow."""


@dataclass(frozen=True)
class ListRow:
    """One line of a list: its values without the empty ones, or what is wrong with it.

    number: of the line in the file, from 1.
    """

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    trouble: str = ""


def read_rows(path: Path) -> list[ListRow]:
    """Every line that is not blank, with at least a portrait or a video, and a voice, unless it is invalid.

    Text in cells is stripped. A CSV file may be separated by commas, semicolons or tabs. Raises InputError
    for a file that cannot be read, is empty, or has no columns portrait and voice.
    """
    try:
        text = decoded_loosely(read_bytes(path, LIST.size))
        rows = list(_json_rows(text) if path.suffix.lower() in JSON_LINES else _csv_rows(text))
    except DocumentError as error:
        raise InputError(
            'The list "{path}" cannot be read: {reason}.', path=quoted(str(path)), reason=error
        ) from error
    if not any(row.values.get(column) for row in rows for column in (*NEEDED, VIDEO, TEXT)):
        raise wants_columns(path, rows)
    return [_filled(row) for row in rows]


def wants_columns(path: Path, rows: list[ListRow]) -> InputError:
    """The error for a list without portraits and voices."""
    first = next((f" Line {row.number}: {row.trouble}" for row in rows if row.trouble), "")
    return InputError(
        'The list "{path}" needs the columns portrait (or video) and voice (or text) '
        "with a value in each line, and may have name, group and seed.{first}",
        path=quoted(str(path)),
        first=first,
    )


def checked_name(text: str) -> str:
    """A valid file name. Raises InputError."""
    if trouble := name_trouble(text):
        raise InputError("{trouble}. Choose another name.", trouble=trouble)
    return text


def name_trouble(text: str) -> str:
    """Why a file cannot have this name, as the beginning of a sentence; "" if it can."""
    if text in ("", ".", ".."):
        return f'"{text}" cannot be the name of a file'
    if sign := next((sign for sign in text if not _usable(sign)), ""):
        return f'"{quoted(text)}" cannot be the name of a file because of the character "{printable(sign)}"'
    if (size := len(text.encode())) > _LONGEST_NAME:
        return f'"{quoted(text)}" has {size} bytes; a name may have at most {_LONGEST_NAME}'
    return ""


def _usable(sign: str) -> bool:
    """Whether a character may be in a name: spaces of every width, as in names of screenshots, but no control
    characters.
    """
    return sign in _JOINERS or (sign not in _UNUSABLE and printable(sign) == sign)


def _csv_rows(text: str) -> Iterator[ListRow]:
    table = records(text)
    head = next(table, CsvRecord(1))
    check_value(list(head.cells), LINE)  # the very first line is not text: this is not a list
    if head.trouble:
        yield ListRow(head.number, {}, head.trouble)
        return
    names = [name.strip() for name in head.cells]
    check_columns(names)
    for record in table:
        cells = [cell.strip() for cell in record.cells]
        values = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
        trouble = record.trouble or _trouble_of(values)
        if len(cells) > len(names) and not trouble:
            trouble = f"It has {len(cells) - len(names)} cells more than there are columns."
        yield ListRow(record.number, {} if trouble.startswith(_NOT_TEXT) else values, trouble)


_NOT_TEXT = "It cannot be used: "


def _trouble_of(values: Any) -> str:
    """Which limit a line's values exceed, as a sentence, or ""."""
    try:
        check_value(values, LINE)
    except DocumentError as error:
        return f"{_NOT_TEXT}{error}."
    return ""


def _json_rows(text: str) -> Iterator[ListRow]:
    filled = 0
    for number, line in filled_lines(text):
        if not line.strip():
            continue
        filled += 1
        check_lines(filled)
        try:
            values = parse_json(line, LINE)
        except DocumentError as error:
            yield ListRow(number, {}, f"{str(error)[0].upper()}{str(error)[1:]}.")
            continue
        if not isinstance(values, dict):
            yield ListRow(number, {}, 'It is not an object such as {"portrait": "a.png", "voice": "b.wav"}.')
            continue
        named = values.pop("options", None)
        options = named if isinstance(named, dict) else {}
        if both := [name for name in options if name in values]:
            trouble = said(
                'It gives "{name}" both in options and beside it; leave one of them out.',
                name=quoted(both[0], 40),
            )
            yield ListRow(number, {}, trouble)
            continue
        yield ListRow(
            number, {name: cell for name, cell in (values | options).items() if cell not in (None, "")}
        )


def _filled(row: ListRow) -> ListRow:
    if not row.trouble and VIDEO in row.values and "portrait" in row.values:
        return ListRow(row.number, row.values, "It has a portrait and a video; leave one of them out.")
    needed = (VIDEO, "voice") if VIDEO in row.values else NEEDED
    missing = [column for column in needed if not isinstance(row.values.get(column), str)]
    if TEXT in row.values and "voice" not in row.values:
        missing.remove("voice")
    if row.trouble or not missing:
        return row
    return ListRow(row.number, row.values, _lacks(missing))


def _lacks(columns: list[str]) -> str:
    if columns == ["voice"]:
        return "The voice is missing; give a file, or a text in the column text."
    if len(columns) == 1:
        return said("The {column} is missing; give a file.", column=columns[0])
    return said("The {first} and the {second} are missing; give files.", first=columns[0], second=columns[1])
