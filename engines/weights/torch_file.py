"""Checks a PyTorch file before PyTorch opens it: what it would call, and how much memory it asks for.

PyTorch's restricted loader calls only what it knows, but it trusts the sizes that a file states: it allocates
an array or a storage before it looks for the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from media.documents.archives import check_unpacked, open_archive, read_entry
from media.documents.pickle_machine import Call, Members, Name, PickleMachine, Reference
from media.documents.pickle_sharing import check_sharing
from media.documents.plain_pickles import ARRAYS, NotPlain, array_value
from media.documents.text import read_up_to
from media.errors import DocumentError
from media.messages import said

MAGIC = 0x1950A86A20F9469CFC6C
"""The number with which the older format begins, in its own pickle."""
LARGEST_PICKLE = 64_000_000
"""Bytes of everything but tensors. Checkpoints have some hundred thousand."""
MOST_ENTRIES = 200_000
ITEM_BYTES = {
    "Double": 8, "Float": 4, "Half": 2, "BFloat16": 2, "Long": 8, "Int": 4, "Short": 2, "Char": 1, "Byte": 1,
    "Bool": 1, "ComplexDouble": 16, "ComplexFloat": 8, "Untyped": 1,
}  # fmt: skip
_STORAGE = re.compile(r"torch\.(?:storage\.)?(\w*)Storage")


def judge(path: Path, usual: Callable[[str], bool]) -> None:
    """Raises NotPlain, naming what is not `usual`, or DocumentError for a file that asks for too much.

    usual: whether a class or function is one that checkpoints hold. A file that passed is not checked again
    until it changes, because some files are opened once for each part.
    """
    about = path.stat()
    _judged(path, about.st_size, about.st_mtime_ns, usual)


@lru_cache(maxsize=64)
def _judged(path: Path, size: int, time: int, usual: Callable[[str], bool]) -> None:
    with path.open("rb") as file:
        zipped = file.read(4) == b"PK\x03\x04"
    for value in _zipped(path, usual) if zipped else _older(path, usual):
        for one in _everything(value):
            if isinstance(one, Call):
                _judge_call(one)


def _zipped(path: Path, usual: Callable[[str], bool]) -> Iterator[Any]:
    size = path.stat().st_size
    with open_archive(path, MOST_ENTRIES) as archive:
        check_unpacked(archive, size)
        names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        contents = [read_entry(archive, name, LARGEST_PICKLE) for name in names]
    if not contents:
        raise DocumentError("it is a zip archive without data.pkl")
    for content in contents:
        yield _inert(PickleMachine(content), usual, size)


def _older(path: Path, usual: Callable[[str], bool]) -> Iterator[Any]:
    """Check the older format: four pickles and a list of keys, then the numbers."""
    size = path.stat().st_size
    with path.open("rb") as file:
        machine = PickleMachine(read_up_to(file, LARGEST_PICKLE))
    if _inert(machine, usual, size) != MAGIC:
        raise DocumentError("it does not begin like a PyTorch file")
    for _ in range(3):
        value = _inert(machine, usual, size)
    storages = {}
    for one in _everything(value):
        if isinstance(one, Reference):
            key, claimed = _storage(one)
            storages[key] = claimed
    if sum(storages.values()) > size:
        raise DocumentError(
            "its tensors claim {claimed} bytes, and the file has {size}",
            claimed=sum(storages.values()),
            size=size,
        )
    yield value


def _inert(machine: PickleMachine, usual: Callable[[str], bool], size: int) -> Any:
    try:
        value = machine.load()
    finally:
        if strange := [name for name in machine.names if not usual(name)]:
            raise NotPlain(strange[0])
    check_sharing(value, size)
    return value


def _storage(reference: Reference) -> tuple[str, int]:
    """The key of a storage and its size in bytes."""
    place = reference.place
    fine = (
        isinstance(place, tuple) and len(place) >= 5 and place[0] == "storage" and isinstance(place[1], Name)
    )
    found = _STORAGE.fullmatch(place[1].name) if fine else None
    if found is None or type(place[4]) is not int or place[4] < 0:
        raise DocumentError("it refers to something that is not a storage of numbers")
    return str(place[2]), place[4] * ITEM_BYTES.get(found[1], 1)


def _judge_call(call: Call) -> None:
    """Refuse a call of anything but a named function, and an array that the file has no bytes for."""
    if not call.name or _STORAGE.fullmatch(call.name) or call.name == "numpy.ndarray":
        raise NotPlain(
            said("a call of {name}", name=call.name) if call.name else "a call of what is not a name"
        )
    if call.name in ARRAYS and call.name != "numpy.dtype":
        array_value(call)


def _everything(value: Any) -> Iterator[Any]:
    """Every call and reference in a value, once each."""
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, Members):
            waiting += one.entries
        elif isinstance(one, Call):
            yield one
            waiting += [one.function, one.arguments, one.state, *one.entries]
        elif isinstance(one, Reference):
            yield one
