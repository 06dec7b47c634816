"""Reads a file of marks as the text of the option `marks`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engines.marks.reading import marks_document
from engines.marks.tagged import WORDS
from media.documents.quoting import quoted
from media.documents.text import read_text
from media.errors import DocumentError, OptionError

MARKS = "marks"
"""The option."""


def is_inline(given: Any) -> bool:
    """Whether the value of the option is marks themselves, and not the name of their file."""
    return not isinstance(given, str) or given.lstrip()[:1] in ("", "{", "[") or "\n" in given


def read_marks(path: Path) -> str:
    """The marks in a file as JSON text, which the engine's options check.

    Raises OptionError if the file cannot be read.
    """
    try:
        return marks_text(read_text(path, WORDS))
    except DocumentError as error:
        raise OptionError(
            "The marks in {name} cannot be used: {reason}.", name=quoted(path.name), reason=error
        ) from None


def marks_text(content: str) -> str:
    """The marks in the text of a file, in the same form. Raises DocumentError."""
    return json.dumps(marks_document(content), separators=(",", ":"))
