"""Zip archives with limits: on the number of entries, and on their unpacked sizes."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from media.documents.quoting import quoted, reason_of
from media.errors import DocumentError

MOST_ENTRIES = 1_000_000
MOST_PACKED = 64_000_000
FAULTS = (
    zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, OverflowError,
    zlib.error, struct.error, LookupError, TypeError,
)  # fmt: skip
"""The standard library's errors for archives that are damaged, encrypted or unusual."""
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = 46
"""Smallest number of bytes of an entry in the directory."""


@contextmanager
def open_archive(path: Path, most: int = MOST_ENTRIES) -> Iterator[zipfile.ZipFile]:
    """An archive of at most `most` entries. Raises DocumentError, also for reading inside the block."""
    try:
        with path.open("rb") as file:
            entries = directory_bytes(file) // _ENTRY
            if entries > most:
                raise DocumentError(
                    "its directory has room for {entries} entries; at most {most} are allowed",
                    entries=entries,
                    most=most,
                )
            with zipfile.ZipFile(file) as archive:
                yield archive
    except FAULTS as error:
        raise DocumentError(reason_of(error)) from error


def read_entry(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """An entry's bytes. Raises DocumentError if it unpacks to more than `most` bytes."""
    size = archive.getinfo(name).file_size
    if size > most:
        raise DocumentError(
            '"{name}" unpacks to {size} bytes; at most {most} are allowed',
            name=quoted(name, 40),
            size=size,
            most=most,
        )
    with archive.open(name) as entry:
        content = entry.read(most + 1)
    if len(content) > most:
        raise DocumentError(
            '"{name}" unpacks to more than the allowed {most} bytes', name=quoted(name, 40), most=most
        )
    return content


def check_unpacked(archive: zipfile.ZipFile, size: int) -> None:
    """Raise DocumentError for an archive of `size` bytes that claims to hold more.

    Tensors and images are stored uncompressed, so that they can be mapped; compressed entries may unpack to
    64 MB in all.
    """
    entries = archive.infolist()
    stored = sum(entry.file_size for entry in entries if entry.compress_type == zipfile.ZIP_STORED)
    packed = sum(entry.file_size for entry in entries if entry.compress_type != zipfile.ZIP_STORED)
    if stored > size or packed > MOST_PACKED:
        raise DocumentError(
            "it has {size} bytes and claims to unpack to {stored}", size=size, stored=stored + packed
        )


def directory_bytes(file: BinaryIO) -> int:
    """The size of an archive's directory according to its end record; 0 if there is none. Moves the file's
    position.
    """
    end = file.seek(0, 2)
    start = max(0, end - 65_536 - _END.size)
    file.seek(start)
    tail = file.read(end - start)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        return 0
    size = int(_END.unpack_from(tail, found)[5])
    if size == 0xFFFF_FFFF or found >= _LOCATOR.size:
        size = max(size if size != 0xFFFF_FFFF else 0, _directory64(file, tail, found))
    file.seek(0)
    return min(size, end)


def _directory64(file: BinaryIO, tail: bytes, found: int) -> int:
    """The same for a large archive, whose Zip64 record is a little before the end."""
    if found < _LOCATOR.size:
        return 0
    sign, _, place, _ = _LOCATOR.unpack_from(tail, found - _LOCATOR.size)
    if sign != b"PK\x06\x07":
        return 0
    file.seek(min(place, 2**62))
    record = file.read(_END64.size)
    return int(_END64.unpack(record)[8]) if len(record) == _END64.size and record[:4] == b"PK\x06\x06" else 0
