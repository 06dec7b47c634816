"""Reads the weights' pickles of numbers, text, containers and numpy arrays, without executing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from media.documents.pickle_machine import MOST_STEPS
from media.documents.plain_pickles import NotPlain, plain_value
from media.documents.quoting import quoted
from media.documents.text import read_bytes
from media.errors import DocumentError, WeightsError

LARGEST = 64 * 2**20
"""Bytes. The motion template has three thousand."""


def read_pickle(path: Path, largest: int = LARGEST, most_steps: int = MOST_STEPS) -> Any:
    """Read a pickle of None, bool, int, float, str, bytes, numpy arrays, and dict, list and tuple of these.

    largest: bytes that the file may have. most_steps: instructions. Raises WeightsError, which names the
    class that was found, for a pickle that asks for anything else, and for one that is damaged or too large.
    Nothing in the file is executed. Raises FileNotFoundError if the file does not exist.
    """
    size = path.stat().st_size
    if size > largest:
        raise WeightsError(
            "{name} has {size:.0f} MB; at most {largest:.0f} MB are allowed for such a file. Check that it "
            "is the right one.",
            name=path.name,
            size=size / 2**20,
            largest=largest / 2**20,
        )
    try:
        value = plain_value(read_bytes(path, largest), most_steps)
    except NotPlain as refusal:
        raise refused(path, str(refusal)) from None
    except DocumentError as error:
        raise WeightsError(
            "{name} is damaged ({reason}); delete it and download it again.", name=path.name, reason=error
        ) from error
    return value


def refused(path: Path, name: str) -> WeightsError:
    """The error for a file that wants to call `name`."""
    return WeightsError(
        "{name} holds {content}, which is not a number, an array or a setting, so it was not opened: such a "
        "file can run any program. Download it again from its publisher.",
        name=path.name,
        content=quoted(name),
    )
