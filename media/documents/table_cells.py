"""Writes untrusted text into tables that other programs open: spreadsheets and Markdown viewers."""

from __future__ import annotations

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings of texts that a spreadsheet calculates; the last four are the full-width forms of the first
four.
"""
_NUMBER = re.compile(r"[+-][\d.]+( [\w%/]+)*")
_ACTIVE = re.compile(r"[\\`*\[\]<]")


def spreadsheet_cell(value: object) -> object:
    """A value that a spreadsheet shows and never calculates: an apostrophe precedes the sign of a formula.

    Numbers stay unchanged, including those with a unit, such as "-15 ms".
    """
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def markdown_text(text: str) -> str:
    """A text on one line that a Markdown viewer shows unchanged: no link, no HTML."""
    return _ACTIVE.sub(r"\\\g<0>", " ".join(text.splitlines()))
