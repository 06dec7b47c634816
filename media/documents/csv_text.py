"""Tables of text, whose records end where their lines do unless a quotation mark is open.

A line that cannot be read is reported with its number, and reading goes on with the next one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from media.documents.bounds import LINE, Bounds

SEPARATORS = ",;\t"
MOST_LINES = 50
"""Lines of one record. Cells of a list of files have no line breaks; a column with remarks may have some."""


@dataclass(frozen=True)
class Record:
    """One record. number: of its first line, from 1. trouble: why it has no cells."""

    number: int
    cells: tuple[str, ...] = ()
    trouble: str = ""


def records(text: str, bounds: Bounds = LINE) -> Iterator[Record]:
    """Every record with a cell that is not empty. The first decides which separator is meant."""
    lines = list(io.StringIO(text, newline=""))
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
    size = 0
    for count in range(1, min(MOST_LINES, len(lines) - at) + 1):
        size += len(lines[at + count - 1])
        if size > bounds.size:
            return Record(at + 1, trouble=f"It has {size} characters; at most {bounds.size} are read."), 1
        taken = lines[at : at + count]
        try:
            # What follows is read as a record of its own only where no quotation mark is open before it.
            found = list(csv.reader([*taken, "end"], delimiter=separator))
            if len(found) == 2:
                if count > 1:  # the mark that closes may have been meant to open: then more follows it
                    list(csv.reader(taken, delimiter=separator, strict=True))
                return Record(at + 1, tuple(found[0])), count
        except csv.Error as error:
            if count == 1:
                return Record(at + 1, trouble=f"It cannot be read: {error}."), 1
            break
    return Record(at + 1, trouble="A quotation mark opens in it and does not close."), 1
