"""Reads plain values from pickles: numbers, text, containers and numpy arrays, and nothing else.

A pickle is a program that may call anything it can name. This module calls nothing: `PickleMachine` records
the calls, and this module builds arrays, dtypes and ordered mappings from the file's bytes.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from media.documents.pickle_machine import MOST_STEPS, Call, Members, Name, PickleMachine, Reference
from media.documents.pickle_sharing import check_sharing
from media.documents.quoting import quoted, reason_of
from media.errors import DocumentError
from media.messages import said

_DTYPE = re.compile(r"([<>|=]?)([biufcSU?])(\d{0,4})")
"""Numbers and texts of at most 9,999 bytes or characters each: no objects, fields or dates."""

# numpy 2 renamed the module of these
RECONSTRUCT = ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct")
SCALAR = ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
FROM_BUFFER = ("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer")


class NotPlain(DocumentError):
    """A pickle names something that is not allowed."""


def plain_value(content: bytes, most_steps: int = MOST_STEPS) -> Any:
    """The value of a pickle. Raises NotPlain, naming what it asks for, or DocumentError."""
    value = PickleMachine(content, most_steps).load()
    check_sharing(value, len(content))
    try:
        return _Plain().of(value)
    except RecursionError:  # loops of references may be longer than the deepest nesting
        raise DocumentError("its references form a long loop") from None


def array_value(call: Call) -> Any:
    """The array, number, dtype or mapping that a call describes. Raises NotPlain, or DocumentError."""
    return _Plain().of(call)


class _Plain:
    """Makes values from what the machine recorded. An object with several references is made once."""

    def __init__(self) -> None:
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []  # kept alive, so that no id is used twice

    def of(self, one: Any) -> Any:
        if one is None or isinstance(one, bool | int | float | str | bytes):
            return one
        if id(one) not in self._made:
            self._kept.append(one)
            self._make(one)
        return self._made[id(one)]

    def _make(self, one: Any) -> None:
        if isinstance(one, list):
            self._made[id(one)] = one
            for at, entry in enumerate(one):
                one[at] = self.of(entry)
        elif isinstance(one, dict):
            self._made[id(one)] = made = {}
            for key, entry in one.items():
                try:
                    made[self.of(key)] = self.of(entry)
                except TypeError:  # the call may have become a mapping
                    raise DocumentError("a key of a mapping has an invalid type") from None
        elif isinstance(one, tuple):
            self._made[id(one)] = None  # a tuple that contains itself, which no Python program writes
            self._made[id(one)] = tuple(self.of(entry) for entry in one)
        elif isinstance(one, Call):
            self._made[id(one)] = self._called(one)
        elif isinstance(one, Name):
            raise NotPlain(one.name)
        elif isinstance(one, Reference):
            raise NotPlain("a reference to something outside the file")
        else:
            raise NotPlain(
                "builtins.set"
                if isinstance(one, Members)
                else said("builtins.{kind}", kind=type(one).__name__)
            )

    def _called(self, call: Call) -> Any:
        make = _MAKERS.get(call.name)
        if make is None:
            if not call.name:
                self.of(call.function)  # names what is called inside
            raise NotPlain(call.name or "a call of what is not a name")
        try:
            return make(self, call)
        except (ValueError, TypeError, IndexError, AttributeError, OverflowError, MemoryError) as error:
            raise DocumentError("{name}: {reason}", name=call.name, reason=reason_of(error)) from None

    def dtype(self, one: Any) -> np.dtype:
        """A type of numbers or texts."""
        if not isinstance(one, Call) or one.name != "numpy.dtype":
            raise NotPlain(one.name if isinstance(one, Name | Call) else "a type that is not numpy's")
        code = one.arguments[0]
        found = _DTYPE.fullmatch(code) if isinstance(code, str) else None
        if found is None:
            raise NotPlain(f"numpy.dtype of {code!r}"[:60])
        order = found[1]
        if one.state is not None:
            _, order, *fields = one.state[:5]
            if any(entry is not None for entry in fields) or order not in ("<", ">", "|", "="):
                raise NotPlain("numpy.dtype of several fields")
        kind = np.dtype(found[2] + found[3])
        if order == "<":
            return kind.newbyteorder("<")
        return kind.newbyteorder(">") if order == ">" else kind

    def array(self, call: Call) -> np.ndarray:
        """The array of a state: version, shape, dtype, Fortran order, and bytes."""
        kind = call.arguments[0]
        if not isinstance(kind, Name) or kind.name != "numpy.ndarray":
            raise NotPlain(kind.name if isinstance(kind, Name) else "an array of another kind")
        if call.state is None:
            raise ValueError("an array without its numbers")
        _, shape, dtype, columns_first, raw = call.state
        return self._filled(raw, dtype, shape, "F" if columns_first else "C")

    def buffer(self, call: Call) -> np.ndarray:
        """The same, as protocol 5 stores it."""
        raw, dtype, shape, order = call.arguments
        return self._filled(raw, dtype, shape, "F" if order == "F" else "C")

    def scalar(self, call: Call) -> Any:
        """A single number."""
        dtype, raw = call.arguments
        return self._filled(raw, dtype, (), "C")[()]

    def _filled(self, raw: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
        kind = self.dtype(dtype)
        raw = self.of(raw) if isinstance(raw, Call) else raw
        raw = raw.encode("latin1") if isinstance(raw, str) else raw  # of Python 2
        if not isinstance(raw, bytes | bytearray):
            raise ValueError("an array whose numbers are not bytes")
        if not isinstance(shape, tuple) or not all(type(side) is int and side >= 0 for side in shape):
            raise ValueError("an array whose shape is none")
        if math.prod(shape) * kind.itemsize != len(raw):
            raise ValueError(f"an array of {quoted(str(shape), 40)} numbers in {len(raw)} bytes")
        if not raw:
            return np.zeros(shape, kind)
        return np.frombuffer(raw, kind).reshape(shape, order=order).copy(order="K")

    def encoded(self, call: Call) -> bytes:
        """Bytes as pickles before protocol 3 store them: a text and its codec, which must be latin1."""
        text, codec = (*call.arguments, "latin1")[:2]
        if codec != "latin1":
            raise ValueError(f"encoding {codec!r}")
        return str(text).encode("latin1")

    def mapping(self, call: Call) -> OrderedDict[Any, Any]:
        """An ordered mapping, whose entries are part of the call or follow it."""
        pairs = [*self.of(call.arguments[0])] if call.arguments else []
        return OrderedDict([*pairs, *((self.of(key), self.of(entry)) for key, entry in call.entries)])


_MAKERS: dict[str, Callable[[_Plain, Call], Any]] = {
    **dict.fromkeys(RECONSTRUCT, _Plain.array),
    **dict.fromkeys(FROM_BUFFER, _Plain.buffer),
    **dict.fromkeys(SCALAR, _Plain.scalar),
    "_codecs.encode": _Plain.encoded,
    "__builtin__.bytes": lambda plain, call: b"",
    "builtins.bytes": lambda plain, call: b"",
    "collections.OrderedDict": _Plain.mapping,
}
ARRAYS = frozenset((*RECONSTRUCT, *FROM_BUFFER, *SCALAR, "numpy.dtype"))
"""Calls that describe arrays."""
ALLOWED = frozenset((*_MAKERS, "numpy.ndarray", "numpy.dtype"))
"""Every name that a plain pickle may use."""
