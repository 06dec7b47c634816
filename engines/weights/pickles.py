"""Pickles without their power: numbers, text, containers and numpy arrays come out, or nothing does.

A pickle is a program that may call anything it can name. Here it can name what is in `ALLOWED`, and what it
builds is looked through before it is handed out.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from media.errors import WeightsError

LARGEST = 64 * 2**20
"""Bytes. The motion template has three thousand."""

# numpy 2 renamed the module that these are in
RECONSTRUCT: Any = np.zeros(0).__reduce__()[0]
SCALAR: Any = np.float64(0).__reduce__()[0]


def latin1(text: str, encoding: str = "latin1") -> bytes:
    """What numpy's pickles need of `_codecs.encode`, which could look up any codec."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encoding {encoding!r}")
    return text.encode("latin1")


def no_bytes() -> bytes:
    """What pickles before protocol 3 need of `bytes`, which could make any number of them."""
    return b""


def from_buffer(buffer: bytes, dtype: np.dtype, shape: Sequence[int], order: Any) -> np.ndarray:
    """An array from its bytes, as protocol 5 keeps it."""
    return np.frombuffer(buffer, dtype).reshape(shape, order=order)


ALLOWED: dict[str, Any] = {
    "collections.OrderedDict": OrderedDict,
    "__builtin__.bytes": no_bytes,
    "builtins.bytes": no_bytes,
    "_codecs.encode": latin1,
    "numpy.ndarray": np.ndarray,
    "numpy.dtype": np.dtype,
    "numpy.core.multiarray._reconstruct": RECONSTRUCT,
    "numpy._core.multiarray._reconstruct": RECONSTRUCT,
    "numpy.core.multiarray.scalar": SCALAR,
    "numpy._core.multiarray.scalar": SCALAR,
    "numpy.core.numeric._frombuffer": from_buffer,
    "numpy._core.numeric._frombuffer": from_buffer,
}


def read_pickle(path: Path, largest: int = LARGEST) -> Any:
    """Read a pickle of None, bool, int, float, str, bytes, numpy arrays, and dict, list and tuple of these.

    largest: bytes that the file may have. Raises WeightsError, which names the class that was found, for a
    pickle that asks for anything else, and for one that is damaged or too large; nothing of it has run then.
    """
    size = path.stat().st_size
    if size > largest:
        raise WeightsError(
            f"{path.name} has {size / 2**20:.0f} MB, and at most {largest / 2**20:.0f} MB are read of such a "
            "file; look whether it is the right one."
        )
    content = path.read_bytes()
    try:
        value = _Unpickler(io.BytesIO(content)).load()
    except _Refused as refusal:
        raise refused(path, str(refusal)) from None
    except Exception as error:
        raise WeightsError(
            f"{path.name} is damaged ({' '.join(str(error).split())[:100]}); delete it and download it again."
        ) from error
    _look_through(path, value)
    return value


def refused(path: Path, name: str) -> WeightsError:
    """The error for a file that wants to call `name`."""
    return WeightsError(
        f"{path.name} holds {name}, which is not a number, an array or a setting, so it was not opened: "
        "such a file can run any program. Download it again from where it was published."
    )


def classes_named(content: bytes) -> Iterator[str]:
    """Every class or function that the pickles in `content` name, one pickle after the other, unopened.

    Stops where no pickle follows any more.
    """
    stream = io.BytesIO(content)
    texts: list[str] = []  # a name may be put together from the two texts before it
    memo: dict[int, str] = {}
    try:
        while stream.tell() < len(content):
            for code, argument, _ in pickletools.genops(stream):
                if code.name in ("GLOBAL", "INST"):
                    yield str(argument).replace(" ", ".")
                elif code.name == "STACK_GLOBAL":
                    yield ".".join(texts[-2:])
                elif isinstance(argument, str) and "UNICODE" in code.name:
                    texts.append(argument)
                elif code.name == "MEMOIZE" and texts:
                    memo[len(memo)] = texts[-1]
                elif code.name in ("BINGET", "LONG_BINGET") and argument in memo:
                    texts.append(memo[argument])
    except Exception:  # the end of what can be read; whoever asks refuses the file anyway
        return


class _Refused(pickle.UnpicklingError):
    """The pickle named something that is not allowed."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[f"{module}.{name}"]
        except KeyError:
            raise _Refused(f"{module}.{name}") from None

    def persistent_load(self, pid: Any) -> NoReturn:
        raise _Refused("a reference to something outside the file")


def _look_through(path: Path, value: Any) -> None:
    """Refuse what slipped in: arrays of objects, classes or functions lying about as values."""
    waiting, seen = [value], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if type(one) in (dict, OrderedDict):
            waiting += [*one.keys(), *one.values()]
        elif type(one) in (list, tuple):
            waiting += one
        elif isinstance(one, np.ndarray | np.generic) and not one.dtype.hasobject:
            continue
        elif one is not None and type(one) not in (bool, int, float, str, bytes):
            kind = one if isinstance(one, type) else type(one)
            raise refused(path, f"{kind.__module__}.{kind.__qualname__}")
