"""Reads CSV files with a row for each frame and a column for each blend shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

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
    if header is None or header.trouble:
        raise DocumentError("it has no line with the names of its columns")
    columns = find_columns(header.cells)
    rows: list[np.ndarray] = []
    stamps = Timecodes()
    for record in table:
        rows.append(_row(record, columns, len(header.cells)))
        if columns.time >= 0:
            stamps.add(record.cells[columns.time], record.number)
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


def _row(record: CsvRecord, columns: FoundColumns, width: int) -> np.ndarray:
    """(61,) float32: a frame's values and angles; values are NaN in a dropped frame, angles where missing."""
    if record.trouble:
        raise DocumentError(
            "line {line} cannot be read: {reason}", line=record.number, reason=record.trouble.rstrip(".")
        )
    row = np.full(WIDTH, np.nan, np.float32)
    cells = record.cells
    if columns.count >= 0 and len(cells) > columns.count and _is_zero(cells[columns.count]):
        return row
    if len(cells) != width:
        raise DocumentError(
            "line {line} has {count} cells, and the first line names {width} columns",
            line=record.number,
            count=len(cells),
            width=width,
        )
    row[: len(BLENDSHAPES)] = 0.0
    for place, cell in zip(columns.places, cells, strict=True):
        if place >= 0:
            row[place] = _number(cell, record.number, cells)
    return row


def _is_zero(cell: str) -> bool:
    return cell.strip() in ("0", "0.0")


def _number(cell: str, line: int, cells: Sequence[str]) -> float:
    try:
        value = float(cell)
        if math.isfinite(value) and abs(value) < 1e6:
            return value
    except ValueError:
        pass
    raise DocumentError(
        'line {line} has "{text}" in column {column}, which is not a usable number',
        line=line,
        text=quoted(cell, 30),
        column=cells.index(cell) + 1,
    ) from None
