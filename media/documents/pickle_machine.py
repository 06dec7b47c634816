"""Reads a pickle without running it: a call becomes a record of the call.

A pickle is a program for a small stack machine (Lib/pickletools.py describes all of its instructions). This
machine executes nothing: names stay names, calls stay calls, references stay references. So a file can be
judged before any of its objects is built. Memory use follows the size of the file: memo entries are kept in a
mapping, whatever their number, and a length cannot exceed the file's.
"""

from __future__ import annotations

import pickle
import pickletools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from media.documents.bounds import check_integer
from media.documents.quoting import quoted, reason_of
from media.errors import DocumentError

MOST_STEPS = 2_000_000
"""Instructions. A checkpoint of 3,000 tensors has 150,000."""
_FAR = 2**60
"""From here on, many integers may share one hash, which would make a mapping of them slow."""


@dataclass(eq=False)
class Name:
    """A class or function by its name, as in `numpy.dtype`."""

    name: str


@dataclass(eq=False)
class Call:
    """A call that a pickle asks for. state: what it would set afterwards. entries: what it would append or
    set.
    """

    function: Any
    arguments: Any
    state: Any = None
    entries: list[Any] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of what is called; empty if it is not a name."""
        return self.function.name if isinstance(self.function, Name) else ""


@dataclass(eq=False)
class Reference:
    """A reference to an object outside the pickle, such as PyTorch's storages."""

    place: Any


@dataclass(eq=False)
class Members:
    """The entries of a set."""

    entries: list[Any] = field(default_factory=list)


class PickleMachine:
    """Reads the pickles of a stream, one after the other. names: every name that they use."""

    def __init__(self, content: bytes, most_steps: int = MOST_STEPS) -> None:
        self._stream = BytesIO(content)
        self._left = self._most = most_steps
        self.names: list[str] = []

    def load(self) -> Any:
        """The next pickle's value. Raises DocumentError for one that is damaged or too long."""
        self._stack: list[Any] = []
        self._marks: list[int] = []
        self._memo: dict[int, Any] = {}
        try:
            for code, argument, _ in pickletools.genops(self._stream):
                self._left -= 1
                if self._left < 0:
                    raise DocumentError("it has more than {most} instructions", most=self._most)
                if code.name == "STOP":
                    (value,) = self._stack
                    return value
                _DO[code.name](self, argument)
        except KeyError as error:
            raise DocumentError(
                "it needs {reason}, which is missing", reason=quoted(str(error), 40)
            ) from None
        except (ValueError, IndexError, TypeError, AttributeError, OverflowError, MemoryError) as error:
            raise DocumentError(reason_of(error)) from None
        raise DocumentError("it does not end")

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _push_integer(self, value: int) -> None:
        check_integer(value)
        self._stack.append(value)

    def _pop(self) -> Any:
        if self._marks and len(self._stack) <= self._marks[-1]:
            raise ValueError("unexpected mark")
        return self._stack.pop()

    def _since_mark(self) -> list[Any]:
        at = self._marks.pop()
        values = self._stack[at:]
        del self._stack[at:]
        return values

    def _name(self, name: str) -> None:
        self.names.append(name)
        self._stack.append(Name(name))

    def _call(self, function: Any, arguments: Any) -> None:
        if not isinstance(arguments, tuple):
            raise TypeError("the arguments of a call are not a tuple")
        self._stack.append(Call(function, arguments))

    def _add(self, target: Any, values: list[Any]) -> None:
        if isinstance(target, list):
            target += values
        elif isinstance(target, Call | Members):
            target.entries += values
        else:
            raise TypeError("a value is appended to what is not a list")

    def _set(self, target: Any, values: list[Any]) -> None:
        if len(values) % 2:
            raise ValueError("a key without a value")
        pairs = list(zip(values[::2], values[1::2], strict=True))
        if any(isinstance(key, int) and abs(key) >= _FAR for key, _ in pairs):
            raise ValueError("a key of more than 18 digits")
        if isinstance(target, dict):
            target.update(pairs)
        elif isinstance(target, Call):
            target.entries += pairs
        else:
            raise TypeError("an entry is set in what is not a mapping")

    def _remember(self, place: int) -> None:
        self._memo[place] = self._stack[-1]

    def _build(self, _: Any) -> None:
        state = self._pop()
        target = self._stack[-1]
        if not isinstance(target, Call):
            raise TypeError("a state is set on what was not called")
        target.state = state


Step = Callable[[PickleMachine, Any], None]


def _steps() -> Iterator[tuple[str, Step]]:
    """The effect of each instruction, by its name in pickletools."""
    machine = PickleMachine
    yield "PROTO", _protocol
    yield "FRAME", lambda m, a: None
    for name in ("INT", "LONG", "LONG1", "LONG4"):
        yield name, machine._push_integer
    for name in (
        "BININT BININT1 BININT2 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES "
        "BINBYTES8 BYTEARRAY8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8"
    ).split():
        yield name, machine._push
    yield "NONE", lambda m, a: m._push(None)
    yield "NEWTRUE", lambda m, a: m._push(True)
    yield "NEWFALSE", lambda m, a: m._push(False)
    yield "EMPTY_LIST", lambda m, a: m._push([])
    yield "EMPTY_DICT", lambda m, a: m._push({})
    yield "EMPTY_TUPLE", lambda m, a: m._push(())
    yield "EMPTY_SET", lambda m, a: m._push(Members())
    yield "MARK", lambda m, a: m._marks.append(len(m._stack))
    yield "LIST", lambda m, a: m._push(m._since_mark())
    yield "TUPLE", lambda m, a: m._push(tuple(m._since_mark()))
    yield "FROZENSET", lambda m, a: m._push(Members(m._since_mark()))
    yield "DICT", _dict
    yield "TUPLE1", lambda m, a: m._push((m._pop(),))
    yield "TUPLE2", lambda m, a: m._push((m._pop(), m._pop())[::-1])
    yield "TUPLE3", lambda m, a: m._push((m._pop(), m._pop(), m._pop())[::-1])
    yield "POP", _pop
    yield "POP_MARK", _pop_mark
    yield "DUP", lambda m, a: m._push(m._stack[-1])
    for name in ("PUT", "BINPUT", "LONG_BINPUT"):
        yield name, machine._remember
    yield "MEMOIZE", lambda m, a: m._remember(len(m._memo))
    for name in ("GET", "BINGET", "LONG_BINGET"):
        yield name, lambda m, a: m._push(m._memo[a])
    yield "APPEND", lambda m, a: _below(m, m._add, [m._pop()])
    yield "APPENDS", lambda m, a: _below(m, m._add, m._since_mark())
    yield "ADDITEMS", lambda m, a: _below(m, m._add, m._since_mark())
    yield "SETITEM", lambda m, a: _below(m, m._set, [m._pop(), m._pop()][::-1])
    yield "SETITEMS", lambda m, a: _below(m, m._set, m._since_mark())
    yield "GLOBAL", lambda m, a: m._name(str(a).replace(" ", "."))
    yield "STACK_GLOBAL", _stack_global
    yield "INST", _inst
    yield "OBJ", _obj
    yield "REDUCE", lambda m, a: m._call(*(m._pop(), m._pop())[::-1])
    yield "NEWOBJ", lambda m, a: m._call(*(m._pop(), m._pop())[::-1])
    yield "NEWOBJ_EX", _newobj_ex
    yield "BUILD", machine._build
    yield "PERSID", lambda m, a: m._push(Reference(a))
    yield "BINPERSID", lambda m, a: m._push(Reference(m._pop()))


def _below(machine: PickleMachine, change: Callable[[Any, list[Any]], None], values: list[Any]) -> None:
    change(machine._stack[-1], values)


def _protocol(machine: PickleMachine, number: int) -> None:
    if number > pickle.HIGHEST_PROTOCOL:
        raise ValueError(f"it is written by protocol {number}")


def _dict(machine: PickleMachine, _: Any) -> None:
    values = machine._since_mark()
    machine._push({})
    _below(machine, machine._set, values)


def _pop(machine: PickleMachine, _: Any) -> None:
    if machine._marks and len(machine._stack) == machine._marks[-1]:
        machine._marks.pop()
    else:
        machine._stack.pop()


def _pop_mark(machine: PickleMachine, _: Any) -> None:
    machine._since_mark()


def _stack_global(machine: PickleMachine, _: Any) -> None:
    name, module = machine._pop(), machine._pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise TypeError("a name is not text")
    machine._name(f"{module}.{name}")


def _inst(machine: PickleMachine, argument: Any) -> None:
    arguments = tuple(machine._since_mark())
    machine._name(str(argument).replace(" ", "."))
    machine._call(machine._pop(), arguments)


def _obj(machine: PickleMachine, _: Any) -> None:
    function, *arguments = machine._since_mark()
    machine._call(function, tuple(arguments))


def _newobj_ex(machine: PickleMachine, _: Any) -> None:
    named, arguments, function = machine._pop(), machine._pop(), machine._pop()
    if named:
        raise TypeError("a call with named arguments")
    machine._call(function, arguments)


_DO: dict[str, Step] = dict(_steps())
