"""Text files: read up to a limit, and decoded without guessing."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from media.documents.bounds import Bounds
from media.documents.quoting import reason_of
from media.errors import DocumentError

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; spreadsheets save "Unicode text" as UTF-16."""
_PIECE = 2**20
MOST_FILLED = 100_000
"""Non-blank lines of a list of files. As jobs they take 350 MB and eight seconds of one core."""
_FILLED = re.compile(r"[^\n]+")


def read_bytes(path: Path, most: int) -> bytes:
    """A file's bytes. Raises DocumentError if there are more than `most`, or if the system refuses."""
    try:
        with path.open("rb") as file:
            content = read_up_to(file, most + 1)
    except (OSError, ValueError) as error:  # a zero byte in a name is a ValueError
        raise DocumentError(reason_of(error)) from None
    if len(content) > most:
        raise DocumentError("it has more than {most} bytes, the limit for such a file", most=most)
    return content


def read_up_to(file: BinaryIO, most: int) -> bytes:
    """At most `most` bytes from here on, piece by piece: one large `read` would allocate the memory first."""
    pieces: list[bytes] = []
    left = most
    while left > 0 and (piece := file.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def read_text(path: Path, bounds: Bounds) -> str:
    """A file's text. Raises DocumentError as `read_bytes`, and for bytes that are not text."""
    return decoded(read_bytes(path, bounds.size))


def decoded(content: bytes) -> str:
    """The text in UTF-8, or in UTF-16 or UTF-32 with a byte order mark. Raises DocumentError otherwise."""
    try:
        return content.decode("utf-8") if content.isascii() else _by_mark(content, "strict")
    except UnicodeDecodeError as error:
        raise DocumentError(
            "byte {position} is not valid {encoding}; save the file as UTF-8",
            position=error.start + 1,
            encoding=error.encoding.upper(),
        ) from None


def decoded_loosely(content: bytes) -> str:
    """The same, with a lone surrogate (U+DC80 to U+DCFF) for every byte that is not text."""
    try:
        return _by_mark(content, "surrogateescape")
    except UnicodeDecodeError:  # an odd byte at the end of UTF-16
        return _by_mark(content, "replace")


def _by_mark(content: bytes, errors: str) -> str:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors)
    return content.decode("utf-8", errors)


def filled_lines(text: str) -> Iterator[tuple[int, str]]:
    """Every line that is not blank, with its number from 1. Uses no memory for the others."""
    number, end = 1, 0
    for line in _FILLED.finditer(text):
        number += text.count("\n", end, line.start())
        end = line.end()
        yield number, line[0]


def check_lines(filled: int) -> None:
    """Raise DocumentError for more non-blank lines than a list may have."""
    if filled > MOST_FILLED:
        raise DocumentError(
            "it has more than {most} lines, the limit for one list; split it into several",
            most=MOST_FILLED,
        )
