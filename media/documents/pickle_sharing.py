"""Limits how often references repeat parts of an unpickled value, before any code walks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from media.documents.pickle_machine import Call, Members, Name, Reference
from media.errors import DocumentError

DEEPEST = 64
"""Levels of nesting. A call and its arguments are three."""
SHARED = 100_000
"""Values that repeated references may add to two per byte of the file."""


def check_sharing(value: Any, size: int) -> None:
    """Refuse a value whose references repeat so often that walking it would never end.

    size: bytes of the file; without repetition, each value takes at least one. Raises DocumentError.
    """
    most = 2 * size + SHARED
    sizes: dict[int, int] = {}
    heights: dict[int, int] = {}
    waiting: list[tuple[Any, bool]] = [(value, False)]
    while waiting:
        one, opened = waiting.pop()
        if id(one) in sizes and not opened:
            continue
        inside = _inside(one)
        if opened:
            sizes[id(one)] = (
                1 + len(inside) + sum([sizes[id(entry)] for entry in inside if id(entry) in sizes])
            )
            heights[id(one)] = 1 + max([heights.get(id(entry), 0) for entry in inside], default=0)
            if sizes[id(one)] > most:
                raise DocumentError("its references repeat more than {most} values", most=most)
            if heights[id(one)] > DEEPEST:
                raise DocumentError("it has more than {deepest} nested levels", deepest=DEEPEST)
        elif inside:
            sizes[id(one)] = 1  # an object that refers to itself meets this value
            waiting.append((one, True))
            waiting += [(entry, False) for entry in inside if type(entry) not in _LEAVES]


_LEAVES = frozenset((type(None), bool, int, float, str, bytes, bytearray, Name))


def _inside(one: Any) -> Sequence[Any]:
    """The parts of a value."""
    if isinstance(one, list | tuple):
        return one
    if isinstance(one, dict):
        return [*one.keys(), *one.values()]
    if isinstance(one, Call):
        return [one.arguments, one.state, one.function, *one.entries]
    if isinstance(one, Members):
        return one.entries
    return (one.place,) if isinstance(one, Reference) else ()
