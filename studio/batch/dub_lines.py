"""The lines of a list that dub a video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from media.errors import InputError
from studio.dubbing.job import DUB_FIELDS
from studio.list_file import VIDEO

DUB_COLUMNS = (VIDEO, *DUB_FIELDS)
"""The columns that only these lines have."""
SHARED = frozenset(("voice", "engine", "preset", "seed", "name", "audio_track", "group"))
"""Those that they share with lines of portraits, besides the columns of a text and options."""


def dub_values(values: Mapping[str, Any], spoken: Iterable[str], known: Iterable[str]) -> dict[str, Any]:
    """The fields of a dub besides its files, its voice and its engine.

    spoken: the columns of a text. known: every column that is not an option. Raises InputError for a column
    that a dub has no use for.
    """
    for column in values:
        if column in known and column not in (*DUB_COLUMNS, *SHARED, *spoken):
            raise InputError("The column {column} is for portraits; a dub has no use for it.", column=column)
    return {name: values[name] for name in DUB_COLUMNS[1:] if name in values}


def check_no_dub(values: Mapping[str, Any]) -> None:
    """Raise InputError for a line with a portrait and a column of dubs."""
    for column in DUB_COLUMNS[1:]:
        if column in values:
            raise InputError("The column {column} is for lines with a video.", column=column)
