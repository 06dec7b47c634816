"""Flattens and rebuilds containers of tensors."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any


def leaves(value: Any) -> Iterator[Any]:
    """All values that are not tuples, lists or dicts, in order, at any depth."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def structure(value: Any) -> Hashable:
    """The structure of containers, to compare: their kinds, keys and lengths."""
    if isinstance(value, dict):
        return dict, tuple((key, structure(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return type(value), tuple(structure(one) for one in value)
    return None


def mapped(function: Callable[[Any], Any], value: Any) -> Any:
    """The same containers with `function` of every leaf, in the order of `leaves`."""
    if isinstance(value, dict):
        return {key: mapped(function, one) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(function, one) for one in value))
    if isinstance(value, list | tuple):
        return type(value)(mapped(function, one) for one in value)
    return function(value)
