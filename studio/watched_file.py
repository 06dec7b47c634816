"""A file for a library in another language that reads and writes through callbacks; it keeps the first error.

Such a library knows only that a callback failed, and reports that in its own words. The error itself, with
its number, is kept here.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


class WatchedFile(io.RawIOBase):
    """An open file that keeps its first error, and that another thread can cause to fail."""

    def __init__(self, path: Path, mode: str) -> None:
        """mode: as for `io.FileIO`, such as "rb" or "rb+". Raises OSError."""
        self._file = io.FileIO(path, mode)
        self._stopped = threading.Event()
        self.error: OSError | None = None

    def stop(self) -> None:
        """Fail from now on, so that the code that uses the file ends soon."""
        self._stopped.set()

    def readable(self) -> bool:
        """Whether it can be read from."""
        return self._file.readable()

    def writable(self) -> bool:
        """Whether it can be written to."""
        return self._file.writable()

    def seekable(self) -> bool:
        """A file on a disk always is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with the next bytes. Returns their number, 0 at the end."""
        return self._watched(lambda: self._file.readinto(buffer) or 0)

    def write(self, data: Any) -> int:
        """Write all the bytes; a nearly full disk may accept fewer at a time."""
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            left = left[self._watched(partial(self._write_some, left)) :]
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position. Returns the new one."""
        return self._watched(lambda: self._file.seek(offset, whence))

    def tell(self) -> int:
        """The current position."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _write_some(self, data: memoryview) -> int:
        return self._file.write(data) or 0

    def _watched(self, act: Callable[[], int]) -> int:
        if self._stopped.is_set():
            raise OSError("it was stopped")
        try:
            return act()
        except OSError as error:
            self.error = self.error or error
            raise
