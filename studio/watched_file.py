"""A file that a library in another language reads and writes through callbacks, with the first error.

Such a library learns only that a callback failed, and says so in words of its own. The error itself, with its
number, is kept here.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any


class WatchedFile(io.RawIOBase):
    """An open file that keeps its first error, and that another thread can make fail."""

    def __init__(self, path: Path, mode: str) -> None:
        """mode: as of `io.FileIO`, such as "rb" or "rb+". Raises OSError."""
        self._file = io.FileIO(path, mode)
        self._stopped = threading.Event()
        self.error: OSError | None = None

    def stop(self) -> None:
        """Fail from now on, so that the code that works with the file ends soon."""
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
        """Fill a buffer with the next bytes; gives how many there were, 0 at the end."""
        return self._watched(lambda: self._file.readinto(buffer) or 0)

    def write(self, data: Any) -> int:
        """Write all of some bytes; a disk that is nearly full may take fewer of them at a time."""
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            left = left[self._watched(partial(self._write_some, left)) :]
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place; gives where that is."""
        return self._watched(lambda: self._file.seek(offset, whence))

    def tell(self) -> int:
        """Where it is."""
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
