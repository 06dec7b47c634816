"""Tables of text: a record ends with its line unless a quotation mark is open.

An unreadable line is reported with its number, and reading continues with the next one.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from media.documents.bounds import LINE, Bounds
from media.documents.quoting import quoted
from media.documents.text import check_lines
from media.errors import DocumentError

SEPARATORS = ",;\t"
MOST_LINES = 50
"""Lines of one record. Cells of a list of files have no line breaks; a column with remarks may have some."""
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
"""A line with its ending."""
_BLANK = re.compile(r"\s*(?:\r\n|\r|\n)")
"""All blank lines from here on; searched only at the beginning of a line."""


@dataclass(frozen=True)
class CsvRecord:
    """One record. number: of its first line, from 1. trouble: why it has no cells."""

    number: int
    cells: tuple[str, ...] = ()
    trouble: str = ""


def records(text: str, bounds: Bounds = LINE) -> Iterator[CsvRecord]:
    """Every record with a cell that is not empty. The first decides the separator.

    Uses no memory for lines already read. Raises DocumentError after the largest allowed number of records.
    """
    at, number, found = 0, 1, 0
    separator = ""
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at, number = blank.end(), number + _line_ends(blank[0])
        lines = _Lines(text, at, bounds)
        if not lines.taken[0].strip():
            return
        separator = separator or max(SEPARATORS, key=lines.taken[0].count)
        record, taken = _record(lines, number, separator, bounds)
        if record.trouble or any(cell.strip() for cell in record.cells):
            check_lines(found)  # the first one has the names of the columns
            found += 1
            yield record
        at, number = lines.ends[taken - 1], number + taken


def check_columns(names: Sequence[str]) -> None:
    """Raise DocumentError if two columns have the same name."""
    for place, name in enumerate(names):
        if name and (first := names.index(name)) != place:
            raise DocumentError(
                'its columns {first} and {second} are both called "{name}"; leave one of them out',
                first=first + 1,
                second=place + 1,
                name=quoted(name, 40),
            )


class _Lines:
    """The lines that one record may have, read on demand, followed by one that says "end".

    taken: the lines read so far, each with its ending. ends: where each of them ends.
    """

    def __init__(self, text: str, at: int, bounds: Bounds) -> None:
        line = _LINE.match(text, at)
        self.taken = [line[0] if line else ""]
        self.ends = [line.end() if line else at]
        self._text, self._last = text, at + bounds.size

    def __iter__(self) -> Iterator[str]:
        yield self.taken[0]
        for _ in range(MOST_LINES - 1):
            line = _LINE.match(self._text, self.ends[-1])
            if line is None or line.end() > self._last:
                break
            self.taken.append(line[0])
            self.ends.append(line.end())
            yield line[0]
        yield "end"


def _record(lines: _Lines, number: int, separator: str, bounds: Bounds) -> tuple[CsvRecord, int]:
    """The record that begins at a line, and its number of lines."""
    if (size := len(lines.taken[0])) > bounds.size:
        return CsvRecord(number, trouble=f"It has {size} characters; at most {bounds.size} are read."), 1
    reader = csv.reader(lines, delimiter=separator)
    is_open = False
    try:
        cells = next(reader)
        is_open = reader.line_num > len(lines.taken)  # at the end of the lines
        if reader.line_num > 1:  # the closing mark may have been meant to open: then more follows it
            next(csv.reader(lines.taken, delimiter=separator, strict=True))
    except csv.Error as error:
        if reader.line_num == 1:
            return CsvRecord(number, trouble=f"It cannot be read: {error}."), 1
        is_open = True
    if is_open:
        return CsvRecord(number, trouble="A quotation mark opens in it and does not close."), 1
    return CsvRecord(number, tuple(cells)), len(lines.taken)


def _line_ends(blank: str) -> int:
    """The number of lines in blank text."""
    return blank.count("\n") + blank.count("\r") - blank.count("\r\n")
