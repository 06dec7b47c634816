"""JSON on disk: documents and lists of lines that appear whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from media.errors import DatasetError

ENCODING, ERRORS = "utf-8", "surrogateescape"
"""A file's name may hold bytes that are not text; they come back as they were."""


def write_document(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON document under its name at once."""
    replace_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Write a list with a JSON object in every line, under its name at once."""
    replace_text(path, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def replace_text(path: Path, text: str) -> None:
    """Write a text beside its place and move it there, so that nobody ever reads half of it."""
    part = path.with_name(f".part-{secrets.token_hex(8)}")
    try:
        part.write_text(text, encoding=ENCODING, errors=ERRORS)
        os.replace(part, path)  # noqa: PTH105
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_document(path: Path) -> dict[str, Any]:
    """A JSON object. Raises DatasetError for anything else, FileNotFoundError where there is no file."""
    return _object(path, path.read_text(encoding=ENCODING, errors=ERRORS), "")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a list. Raises as `read_document`, with the number of the line."""
    text = path.read_text(encoding=ENCODING, errors=ERRORS)
    return [
        _object(path, line, f", line {number}") for number, line in enumerate(text.split("\n"), 1) if line
    ]


def _object(path: Path, text: str, place: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise DatasetError(
            f"{path}{place} is damaged ({error}); run prepare again with --resume to write it anew."
        ) from None
    if not isinstance(content, dict):
        raise DatasetError(
            f"{path}{place} holds a {type(content).__name__} in place of named values; "
            "run prepare again with --resume to write it anew."
        )
    return content
