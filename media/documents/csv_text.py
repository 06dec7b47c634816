"""Tables of text, whose records end where their lines do unless a quotation mark is open.

A line that cannot be read is reported with its number, and reading goes on with the next one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from media.documents.bounds import LINE, Bounds

SEPARATORS = ",;\t"
MOST_LINES = 50
"""Lines of one record. Cells of a list of files have no line breaks; a column with remarks may have some."""
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
"""A line with what ends it."""


@dataclass(frozen=True)
class Record:
    """One record. number: of its first line, from 1. trouble: why it has no cells."""

    number: int
    cells: tuple[str, ...] = ()
    trouble: str = ""


def records(text: str, bounds: Bounds = LINE) -> Iterator[Record]:
    """Every record with a cell that is not empty. The first decides which separator is meant."""
    lines = _LINE.findall(text)
    at = 0
    separator = ""
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        separator = separator or max(SEPARATORS, key=lines[at].count)
        record, taken = _record(lines, at, separator, bounds)
        if record.trouble or any(cell.strip() for cell in record.cells):
            yield record
        at += taken


def _record(lines: list[str], at: int, separator: str, bounds: Bounds) -> tuple[Record, int]:
    """The record that begins at a line, and how many lines it has."""
    fits = _fitting(lines, at, bounds)
    if fits == 0:
        return Record(
            at + 1, trouble=f"It has {len(lines[at])} characters; at most {bounds.size} are read."
        ), 1
    reader = csv.reader((*lines[at : at + fits], "end"), delimiter=separator)
    try:
        cells = next(reader)
        count = reader.line_num
        if count > 1:  # the mark that closes may have been meant to open: then more follows it
            next(csv.reader(lines[at : at + count], delimiter=separator, strict=True))
    except csv.Error as error:
        if reader.line_num == 1:
            return Record(at + 1, trouble=f"It cannot be read: {error}."), 1
        count = fits + 1
    if count > fits:  # the quotation mark is open where the lines end
        return Record(at + 1, trouble="A quotation mark opens in it and does not close."), 1
    return Record(at + 1, tuple(cells)), count


def _fitting(lines: list[str], at: int, bounds: Bounds) -> int:
    """How many of the lines from here on one record may have."""
    size = count = 0
    for line in lines[at : at + MOST_LINES]:
        size += len(line)
        if size > bounds.size:
            break
        count += 1
    return count
