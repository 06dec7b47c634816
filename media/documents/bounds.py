"""Limits for an untrusted document, and the check of its values."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from media.documents.quoting import digits_of, quoted
from media.errors import DocumentError

MOST_DIGITS = 100
"""Digits of one integer. A float has no larger values, and every option's range is far below."""
_MOST_BITS = 333
_LONG_NUMBER = re.compile(r"\d[\d_]{100,}")


@dataclass(frozen=True)
class Bounds:
    """The limits of a document.

    size: bytes of the file. depth: nested values. nodes: number of values; those that an alias repeats count
    again. text: characters of one text. finite: whether NaN and infinity are refused. whole_text: whether
    lone surrogates are refused, which stand for bytes of a file name that are not UTF-8. single_keys: whether
    an object that gives a key twice is refused.
    """

    size: int
    depth: int = 32
    nodes: int = 50_000
    text: int = 20_000
    finite: bool = True
    whole_text: bool = True
    single_keys: bool = True


SETTINGS = Bounds(400_000)
"""Presets, configurations, options: documents that people write by hand."""
LINE = Bounds(200_000, depth=16, nodes=10_000)
"""One line of a list."""
OPTIONS = Bounds(200_000, depth=16, nodes=10_000, finite=False)
"""An engine's options from any source. Its model refuses values that are not finite, with the range."""
METADATA = Bounds(1_000_000, depth=16, nodes=20_000)
"""The comment in a video. JoyStudio's has a few thousand bytes."""
LIST = Bounds(64_000_000)
"""A whole list of videos; each of its lines is a LINE."""
RECORD = Bounds(
    64_000_000, depth=48, nodes=2_000_000, text=1_000_000, finite=False, whole_text=False, single_keys=False
)
"""Documents that a program wrote for itself: manifests, training states, tensor metadata."""
RECORD_LINE = Bounds(
    1_000_000, depth=32, nodes=100_000, text=200_000, finite=False, whole_text=False, single_keys=False
)
"""One line of such a record."""


def check_value(value: Any, bounds: Bounds) -> None:
    """Check containers, texts and numbers at every depth. Raises DocumentError at the first that exceeds a
    limit.

    Other values are left to their readers. A value inside itself is too deep.
    """
    waiting: list[tuple[Any, int]] = [(value, 0)]
    nodes = 0
    while waiting:
        one, depth = waiting.pop()
        nodes += 1
        if nodes > bounds.nodes:
            raise too_many(nodes, bounds)
        if isinstance(one, str):
            check_text(one, bounds)
        elif isinstance(one, float):
            if bounds.finite and not math.isfinite(one):
                raise DocumentError("it contains {value}, which is not a usable number", value=one)
        elif isinstance(one, int):
            check_integer(one)
        elif isinstance(one, dict | list | tuple | set | frozenset):
            if depth >= bounds.depth:
                raise too_deep(depth + 1, bounds)
            inside = [*one.keys(), *one.values()] if isinstance(one, dict) else one
            if nodes + len(waiting) + len(inside) > bounds.nodes:
                raise too_many(nodes + len(waiting) + len(inside), bounds)
            waiting += [(entry, depth + 1) for entry in inside]


def check_text(text: str, bounds: Bounds) -> None:
    """Raise DocumentError for a text that is too long, or contains a lone surrogate."""
    if len(text) > bounds.text:
        raise DocumentError(
            'a text in it has {length} characters, "{text}"; at most {most} are allowed',
            length=len(text),
            text=quoted(text, 40),
            most=bounds.text,
        )
    if bounds.whole_text and not text.isascii():
        half = next((sign for sign in text if "\ud800" <= sign <= "\udfff"), None)
        if half is not None:
            raise DocumentError(
                '"{text}" contains half of a character (\\u{code:04x}); write it as UTF-8',
                text=quoted(text, 40),
                code=ord(half),
            )


def check_integer(value: int) -> None:
    """Raise DocumentError for an integer with too many digits."""
    if value.bit_length() > _MOST_BITS:
        raise too_long(digits_of(value))


def too_long(digits: int) -> DocumentError:
    """The error for an integer with `digits` digits."""
    return DocumentError(
        "it contains a number of {digits} digits; at most {most_digits} are allowed",
        digits=digits,
        most_digits=MOST_DIGITS,
    )


def long_number(text: str) -> DocumentError | None:
    """The error for a text with an integer of too many digits, which Python refuses to parse; else None."""
    found = _LONG_NUMBER.search(text)
    return too_long(len(found[0])) if found else None


def too_deep(depth: int, bounds: Bounds) -> DocumentError:
    """The error for `depth` or more nested values."""
    return DocumentError(
        "it has {depth} or more nested levels; at most {deepest} are allowed",
        depth=depth,
        deepest=bounds.depth,
    )


def too_many(nodes: int, bounds: Bounds) -> DocumentError:
    """The error for `nodes` or more values."""
    return DocumentError(
        "it contains {count} or more values; at most {most} are allowed",
        count=nodes,
        most=bounds.nodes,
    )


def given_twice(key: str, first: int, second: int) -> DocumentError:
    """The error for an object that gives a key on both lines, where the later value would silently win.

    Lines count from 1; 0 for a text that is one line of a list, whose number the list reports.
    """
    name = quoted(key, 40)
    if first != second:
        return DocumentError(
            'it gives "{name}" on line {first} and again on line {second}; leave one of them out',
            name=name,
            first=first,
            second=second,
        )
    if first:
        return DocumentError(
            'it gives "{name}" twice on line {first}; leave one of them out', name=name, first=first
        )
    return DocumentError('it gives "{name}" twice; leave one of them out', name=name)
