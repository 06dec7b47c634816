"""Limits for an untrusted document, and the check of what was read from it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from media.documents.quoting import digits_of, quoted
from media.errors import DocumentError

MOST_DIGITS = 100
"""Of one integer. A float of as many has no other value, and every option's range is far below."""
_MOST_BITS = 333
_LONG_NUMBER = re.compile(r"\d[\d_]{100,}")


@dataclass(frozen=True)
class Bounds:
    """What a document may have.

    size: bytes of the file. depth: values inside one another. nodes: values in all, those counted again that
    an alias repeats. text: characters of one text. finite: whether NaN and infinity are refused. whole_text:
    whether half surrogates are refused, which stand for bytes of a file's name that are no UTF-8.
    single_keys: whether an object that gives a key twice is refused.
    """

    size: int
    depth: int = 32
    nodes: int = 50_000
    text: int = 20_000
    finite: bool = True
    whole_text: bool = True
    single_keys: bool = True


SETTINGS = Bounds(400_000)
"""Presets, configurations, options: what people write by hand."""
LINE = Bounds(200_000, depth=16, nodes=10_000)
"""One line of a list."""
OPTIONS = Bounds(200_000, depth=16, nodes=10_000, finite=False)
"""An engine's options from wherever they come. Its model refuses what is not finite, and says the range."""
METADATA = Bounds(1_000_000, depth=16, nodes=20_000)
"""The comment in a video. JoyStudio's has some thousand bytes."""
LIST = Bounds(64_000_000)
"""A list of videos as a whole; each of its lines is a LINE."""
RECORD = Bounds(
    64_000_000, depth=48, nodes=2_000_000, text=1_000_000, finite=False, whole_text=False, single_keys=False
)
"""What a program wrote for itself: manifests, states of a training, metadata of tensors."""
RECORD_LINE = Bounds(
    1_000_000, depth=32, nodes=100_000, text=200_000, finite=False, whole_text=False, single_keys=False
)
"""One line of such a record."""


def check_value(value: Any, bounds: Bounds) -> None:
    """Walk through containers, texts and numbers. Raises DocumentError at the first that is out of bounds.

    Values that are neither are left to their readers. A value inside itself is too deep.
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
    """Raises DocumentError for a text that is too long, or holds half of a character."""
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
    """Raises DocumentError for an integer of too many digits."""
    if value.bit_length() > _MOST_BITS:
        raise too_long(digits_of(value))


def too_long(digits: int) -> DocumentError:
    """For an integer of so many digits."""
    return DocumentError(
        "it contains a number of {digits} digits; at most {most_digits} are allowed",
        digits=digits,
        most_digits=MOST_DIGITS,
    )


def long_number(text: str) -> DocumentError | None:
    """The error for a text that holds an integer of too many digits, which Python itself refuses to read."""
    found = _LONG_NUMBER.search(text)
    return too_long(len(found[0])) if found else None


def too_deep(depth: int, bounds: Bounds) -> DocumentError:
    """For `depth` values inside one another, or more."""
    return DocumentError(
        "it has {depth} or more nested levels; at most {deepest} are allowed",
        depth=depth,
        deepest=bounds.depth,
    )


def too_many(nodes: int, bounds: Bounds) -> DocumentError:
    """For so many values, or more."""
    return DocumentError(
        "it contains {count} or more values; at most {most} are allowed",
        count=nodes,
        most=bounds.nodes,
    )


def given_twice(key: str, first: int, second: int) -> DocumentError:
    """For an object that gives a key on these lines, where the later value would win without a word.

    Lines count from 1; 0 for a text that is one line of a list, whose number the list tells.
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
