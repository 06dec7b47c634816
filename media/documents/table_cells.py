"""Writes untrusted text into tables that other programs open: spreadsheets and Markdown viewers."""

from __future__ import annotations

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that a spreadsheet calculates; the last four are the wide forms of the first four."""
_NUMBER = re.compile(r"[+-][\d.]+( [\w%/]+)*")
_ACTIVE = re.compile(r"[\\`*\[\]<]")


def spreadsheet_cell(value: object) -> object:
    """A value as a spreadsheet shows it and never calculates it: an apostrophe comes before a formula's sign.

    Numbers stay as they are, also those with a unit, such as "-15 ms".
    """
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def markdown_text(text: str) -> str:
    """A text in one line that a viewer of Markdown shows as it is: no link, no HTML."""
    return _ACTIVE.sub(r"\\\g<0>", " ".join(text.splitlines()))
