"""The Chinese texts, found by the English ones: a message by its template, any other text as it is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from media.messages import GAP, Message

FOLDER = Path(__file__).parent / "zh"
_PLACES = re.compile(rf"{GAP}|\{{(\d)\}}")
"""A value in the Chinese: in the order of the English, or {2} for the second one."""


@cache
def entries() -> dict[str, str]:
    """Every text and its Chinese."""
    import yaml

    found: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for english, text in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            found[str(english)] = str(text)
    return found


@cache
def exact() -> dict[str, str]:
    """Every text without a gap, and its Chinese."""
    return {english: chinese for english, chinese in entries().items() if GAP not in english}


def chinese(english: str) -> str | None:
    """A text in Chinese; None if the catalogue lacks it.

    A value of a message is translated, too, if it is a message or is itself in the catalogue.
    """
    if not isinstance(english, Message) or not english.values:
        return exact().get(english)
    values = [_value(value, english) for value in english.values]
    text = entries().get(english.template)
    if text is None:
        # Joined sentences need no entry of their own.
        if set(english.template) <= {GAP, " "} and any(map(chinese, english.values)):
            return "".join(values)
        if set(english.template) <= {GAP, " ", ","}:  # a list
            return "、".join(values)
        return None
    in_order = iter(values)

    def fill(place: re.Match[str]) -> str:
        return values[int(place[1]) - 1] if place[1] else next(in_order, "")

    return _PLACES.sub(fill, text)


def _value(value: str, sentence: str) -> str:
    if not value or f'"{value}"' in sentence:  # a file's name
        return value
    return chinese(value) or value
