"""Reads and writes JSON documents and lists of JSON lines, complete or not at all."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from media.documents.bounds import RECORD, RECORD_LINE, Bounds
from media.documents.json_text import parse_json
from media.documents.text import filled_lines, read_bytes
from media.errors import DatasetError, DocumentError

ENCODING, ERRORS = "utf-8", "surrogateescape"
"""A file's name may contain bytes that are not text; they are restored when read."""
WHOLE = Bounds(1_000_000_000)
"""A list of a million videos; each line has its own bounds."""


def write_document(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON document in one step."""
    replace_text(path, _dumped(content, indent=1) + "\n")


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write a list with a JSON object in every line in one step."""
    replace_text(path, "".join(_dumped(line) + "\n" for line in lines))


def _dumped(content: Mapping[str, Any], indent: int | None = None) -> str:
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    try:
        text.encode(ENCODING, ERRORS)
    except UnicodeEncodeError:  # half of a character that stands for no byte
        return json.dumps(content, indent=indent)
    return text


def replace_text(path: Path, text: str) -> None:
    """Write a text to a temporary file and rename it, so that readers never see a part of it."""
    part = path.with_name(f".part-{secrets.token_hex(8)}")
    try:
        part.write_text(text, encoding=ENCODING, errors=ERRORS)
        os.replace(part, path)  # noqa: PTH105
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_document(path: Path) -> dict[str, Any]:
    """Read a JSON object. Raises DatasetError for anything else, FileNotFoundError if the file
    does not exist.
    """
    return _object(path, _text(path, RECORD), "", RECORD)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read the objects of a list. Raises as `read_document`, with the number of the line."""
    lines = filled_lines(_text(path, WHOLE))
    return [_object(path, line, f", line {number}", RECORD_LINE) for number, line in lines]


def _text(path: Path, bounds: Bounds) -> str:
    """A file's text. Bytes that are not UTF-8 are part of file names."""
    path.stat()  # raises FileNotFoundError
    try:
        return read_bytes(path, bounds.size).decode(ENCODING, ERRORS)
    except DocumentError as error:
        raise DatasetError(
            "{path} is damaged ({reason}); run prepare again with --resume to write it again.",
            path=path,
            reason=error,
        ) from None


def _object(path: Path, text: str, place: str, bounds: Bounds) -> dict[str, Any]:
    try:
        content = parse_json(text, bounds)
    except DocumentError as error:
        raise DatasetError(
            "{path}{place} is damaged ({reason}); run prepare again with --resume to write it again.",
            path=path,
            place=place,
            reason=error,
        ) from None
    if not isinstance(content, dict):
        raise DatasetError(
            "{path}{place} holds a {kind} instead of named values; run prepare again with --resume to write "
            "it again.",
            path=path,
            place=place,
            kind=type(content).__name__,
        )
    return content
