"""Texts for users that a child sends to the server."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any

from media.messages import packed

MOST_TEXT = 2000
"""Characters of an error's text."""
MOST_PACKED = 3000
"""Characters of an error or a note that is sent with its template."""
MOST_NOTES = 20


def sent_text(text: str) -> Any:
    """An error or a note for the server, with its template if that fits into a header."""
    data = packed(text)
    return data if len(json.dumps(data)) <= MOST_PACKED else text[:MOST_TEXT]


def sent_notes(notes: Iterable[str]) -> list[Any]:
    """The first MOST_NOTES of some notes."""
    return [sent_text(note) for note in islice(notes, MOST_NOTES)]
