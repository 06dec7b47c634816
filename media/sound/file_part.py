"""A part of a file, read like a file of its own with its own header."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True)
class FilePart:
    """A part of a file. header: bytes before it. start, length: of the part, in bytes.

    seconds: the length of its sound according to its own header, None if that does not say.
    """

    path: Path
    start: int
    length: int
    header: bytes = b""
    seconds: float | None = None

    def open(self) -> OpenPart:
        """Open it for reading. Raises OSError."""
        return OpenPart(self)


class FileBytes:
    """A file's bytes by slices, however long it is; nothing is kept in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._length = file.seek(0, io.SEEK_END)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: slice) -> bytes:
        start, stop, _ = place.indices(self._length)
        self._file.seek(start)
        return self._file.read(max(0, stop - start))

    def find(self, wanted: bytes, start: int) -> int:
        """The next position of some bytes, -1 if there is none."""
        step = 1 << 20
        for at in range(start, self._length, step):
            found = self[at : at + step + len(wanted) - 1].find(wanted)
            if found >= 0:
                return at + found
        return -1


class OpenPart(io.RawIOBase):
    """The file object that FFmpeg reads."""

    def __init__(self, part: FilePart) -> None:
        """Raises OSError if the file cannot be opened."""
        self._file = part.path.open("rb")
        self._part = part
        self._size = len(part.header) + part.length
        self._at = 0

    def readable(self) -> bool:
        """Always True."""
        return True

    def seekable(self) -> bool:
        """Always True."""
        return True

    def tell(self) -> int:
        """The position in header and part, in bytes."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; raises ValueError for positions before the beginning, as every file does."""
        place = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence] + offset
        if place < 0:
            raise ValueError(f"negative seek value {place}")
        self._at = place
        return place

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; the rest for a negative number."""
        left = max(0, self._size - self._at)
        size = left if size is None or size < 0 else min(size, left)
        header = self._part.header
        if self._at < len(header):
            piece = header[self._at : self._at + size]
        else:
            self._file.seek(self._part.start + self._at - len(header))
            piece = self._file.read(size)
        self._at += len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._file.close()
        super().close()
