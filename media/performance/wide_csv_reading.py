"""Reads CSV files with a row for each frame and a column for each blend shape."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from media.documents.bounds import LINE
from media.documents.csv_text import CsvRecord, records
from media.documents.quoting import quoted
from media.errors import DocumentError
from media.messages import said
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.column_names import FoundColumns, find_columns
from media.performance.performance import Performance, steady_rate
from media.performance.timecodes import Timecodes, in_radians, row_times

WIDTH = len(BLENDSHAPES) + len(ROTATIONS)
_SEPARATOR = re.compile(r"sep=.?", re.IGNORECASE)
"""A first line that tells a spreadsheet the separator."""
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.IGNORECASE)
"""A number as spreadsheets of many languages write it."""
MOST = 1e6
NO_RATE = "it does not say how many frames a second has; give the frame rate"
"""The error for a file whose frames have no times."""


def read_wide_csv(text: str, rate: Fraction | None, angles: str) -> Performance:
    """The performance in a table.

    rate: frames per second, of the rows or of their timecodes' frames; None finds it in the timecodes,
    which a given one must not contradict.
    angles: as in `in_radians`. Raises DocumentError.
    """
    table = records(text, LINE)
    header = next(table, None)
    if header is not None and _SEPARATOR.fullmatch(header.cells[0].strip() if header.cells else ""):
        header = next(table, None)
    if header is None or header.trouble:
        raise DocumentError("it has no line with the names of its columns")
    names = _without_empty_end(header.cells)
    columns = find_columns(names)
    rows: list[np.ndarray] = []
    stamps = Timecodes()
    used = _Used.of(columns)
    for record in table:
        rows.append(_row(record, columns, names, used))
        if columns.time >= 0:
            stamps.add(record.cells[columns.time].replace(",", "."), record.number)
    notes = list(columns.notes)
    times = _times(stamps, columns, len(rows), rate, notes)
    whole = np.stack(rows) if rows else np.zeros((0, WIDTH), np.float32)
    turned, degrees = in_radians(whole[:, len(BLENDSHAPES) :], angles)
    if degrees and angles == "auto":
        notes.append("The angles of the performance were taken for degrees.")
    values = whole[:, : len(BLENDSHAPES)]
    steady = rate if columns.time < 0 else steady_rate(times)
    return Performance.of(times, values, turned, rate=steady, has=columns.has, notes=tuple(notes))


def _times(
    stamps: Timecodes, columns: FoundColumns, count: int, rate: Fraction | None, notes: list[str]
) -> np.ndarray:
    if columns.time < 0:
        if rate is None:
            raise DocumentError(NO_RATE)
        return row_times(count, rate)
    if rate is not None:
        stamps.check(rate)
    counted, seen = (rate, True) if rate is not None else stamps.rate()
    if stamps.counted and not seen:
        notes.append(
            said(
                "The timecodes of the performance were counted at {rate} frames per second, as they do not "
                "say their rate.",
                rate=counted,
            )
        )
    return stamps.times(counted)


def _without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    """The cells without the empty ones that a separator at the end of a line makes."""
    width = len(cells)
    while width > 1 and not cells[width - 1].strip():
        width -= 1
    return cells[:width]


class _Used(NamedTuple):
    """Columns that are read. shapes: those of blend shapes. all: of angles, too. places: where these go."""

    shapes: list[int]
    all: list[int]
    places: list[int]

    @classmethod
    def of(cls, columns: FoundColumns) -> _Used:
        used = [at for at, place in enumerate(columns.places) if place >= 0]
        shapes = [at for at in used if columns.places[at] < len(BLENDSHAPES)]
        return cls(shapes, used, [columns.places[at] for at in used])


def _row(record: CsvRecord, columns: FoundColumns, names: Sequence[str], used: _Used) -> np.ndarray:
    """(61,) float32: a frame's values and angles; values are NaN in a dropped frame, angles where missing.

    A dropped frame has a count of 0, or no blend shape has a value.
    """
    width = len(names)
    if record.trouble:
        raise DocumentError(
            "line {line} cannot be read: {reason}", line=record.number, reason=record.trouble.rstrip(".")
        )
    row = np.full(WIDTH, np.nan, np.float32)
    cells = record.cells
    if not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if columns.count >= 0 and len(cells) > columns.count and _is_zero(cells[columns.count]):
        return row
    if len(cells) != width:
        raise DocumentError(
            "line {line} has {count} cells, and the first line names {width} columns",
            line=record.number,
            count=len(cells),
            width=width,
        )
    if not any(cells[at].strip() for at in used.shapes):
        return row
    row[: len(BLENDSHAPES)] = 0.0
    if (numbers := _numbers([cells[at] for at in used.all])) is not None:
        row[used.places] = numbers
        return row
    for column, (place, cell) in enumerate(zip(columns.places, cells, strict=True)):
        if 0 <= place < len(BLENDSHAPES) or (place >= 0 and cell.strip()):
            row[place] = _number(cell, record.number, column, names)
    return row


def _numbers(cells: Sequence[str]) -> np.ndarray | None:
    """Ordinary numbers, all at once; None if any of them needs a closer look."""
    try:
        numbers = np.array([float(cell) for cell in cells])
    except ValueError:
        return None
    return numbers if (np.abs(numbers) < MOST).all() else None


def _is_zero(cell: str) -> bool:
    return cell.strip() in ("0", "0.0")


def _number(cell: str, line: int, column: int, names: Sequence[str]) -> float:
    try:
        value = float(cell.replace(",", ".") if _DECIMAL_COMMA.fullmatch(cell.strip()) else cell)
        if math.isfinite(value) and abs(value) < MOST:
            return value
    except ValueError:
        pass
    name = quoted(names[column].strip(), 40)
    if not cell.strip():
        raise DocumentError(
            'line {line} has no value for "{name}" (column {column}); write 0, or leave all blend shapes of '
            "a dropped frame empty",
            line=line,
            name=name,
            column=column + 1,
        )
    raise DocumentError(
        'line {line} has "{text}" for "{name}" (column {column}), which is not a usable number; write one '
        "such as 0.25",
        line=line,
        text=quoted(cell, 30),
        name=name,
        column=column + 1,
    ) from None
