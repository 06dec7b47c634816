"""Safetensors files: the header is limited before the library reads it, and all faults have one type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from media.documents.bounds import RECORD, Bounds
from media.documents.json_text import parse_json
from media.documents.quoting import reason_of
from media.errors import DocumentError

MOST_HEADER = 16_000_000
"""Bytes. The header of 3,000 tensors has half a million."""
FAULTS = (OSError, ValueError, TypeError, AttributeError, LookupError, OverflowError, RuntimeError)
"""The library's errors besides its own type, for example for number types that numpy lacks."""


@contextmanager
def open_tensors(path: Path, framework: Literal["numpy", "pt"], most: int | None = None) -> Iterator[Any]:
    """The library's handle of a file; reading inside the block also raises DocumentError.

    most: bytes that the file may have. Tensors take no more than the file has: the library compares their
    positions with its length.
    """
    from safetensors import SafetensorError, safe_open

    try:
        check_header(path, most)
        with safe_open(str(path), framework=framework) as file:
            yield file
    except (SafetensorError, *FAULTS) as error:
        raise DocumentError(reason_of(error)) from error


def check_header(path: Path, most: int | None = None) -> int:
    """The header's length in bytes. Raises DocumentError, or OSError."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        size = file.seek(0, 2)
    if most is not None and size > most:
        raise DocumentError(
            "it has {size} bytes; at most {most} are allowed for such a file", size=size, most=most
        )
    if length > min(MOST_HEADER, size - 8):
        raise DocumentError(
            "its header claims {length} bytes, and the file has {size}", length=length, size=size
        )
    return length


def fact(metadata: dict[str, str] | None, name: str, default: str = "null", bounds: Bounds = RECORD) -> Any:
    """A value of a file's metadata, read as JSON. Raises DocumentError."""
    return parse_json((metadata or {}).get(name, default), bounds)
