"""JSON with limits, which are checked on the text before any value is built."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from media.documents.bounds import (
    SETTINGS,
    Bounds,
    check_value,
    given_twice,
    long_number,
    too_deep,
    too_many,
)
from media.documents.quoting import reason_of
from media.documents.text import decoded, read_text
from media.errors import DocumentError

_TEXTS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")
_PARTS = re.compile(_TEXTS.pattern + r"|[{}:]", re.DOTALL)
"""Everything that shows which objects there are and which keys they have."""


def parse_json(text: str | bytes, bounds: Bounds = SETTINGS) -> Any:
    """The value of a JSON text. Raises DocumentError for invalid JSON or an exceeded limit."""
    if len(text) > bounds.size:
        raise DocumentError(
            "it has {size} bytes; at most {most} are allowed", size=len(text), most=bounds.size
        )
    if isinstance(text, bytes):
        text = decoded(text)
    _check_structure(text, bounds)

    def checked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            raise _given_twice(text)
        return made

    try:
        value = json.loads(text, object_pairs_hook=checked if bounds.single_keys else None)
    except json.JSONDecodeError as error:
        raise DocumentError("it is not JSON: {reason}", reason=reason_of(error)) from None
    except (ValueError, RecursionError) as error:  # integers of more than 4,300 digits
        raise long_number(text) or DocumentError(
            "it is not JSON: {reason}", reason=reason_of(error)
        ) from None
    check_value(value, bounds)
    return value


def read_json(path: Path, bounds: Bounds = SETTINGS) -> Any:
    """The value in a JSON file. Raises DocumentError."""
    return parse_json(read_text(path, bounds), bounds)


def _check_structure(text: str, bounds: Bounds) -> None:
    """Count brackets and commas. Those in texts count too, unless that makes too many."""
    opened = text.count("[") + text.count("{")
    if opened <= bounds.depth and opened + text.count(",") + text.count(":") < bounds.nodes:
        return
    bare = _TEXTS.sub("", text)
    depth = 0
    for bracket in _BRACKETS.finditer(bare):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > bounds.depth:
            raise too_deep(depth, bounds)
    nodes = 1 + bare.count(",") + bare.count(":") + bare.count("[") + bare.count("{")
    if nodes > 2 * bounds.nodes:  # every value has at most two of these characters
        raise too_many(max(nodes // 2, bounds.nodes + 1), bounds)


def _given_twice(text: str) -> DocumentError:
    """The error for a JSON text with a key that an object gives twice, with the key and the lines."""
    objects: list[dict[str, int]] = []
    latest, line, end = "", int("\n" in text), 0
    for part in _PARTS.finditer(text):
        line += text.count("\n", end, part.start())
        end = part.start()
        if part[0] == "{":
            objects.append({})
        elif part[0] == "}":
            objects.pop()
        elif part[0] != ":":
            latest = part[0]
        elif (key := json.loads(latest)) in objects[-1]:
            return given_twice(key, objects[-1][key], line)
        else:
            objects[-1][key] = line
    raise AssertionError("there is such a key, or nothing had to be found")
