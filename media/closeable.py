"""What is closed at the end of a `with`."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Closeable:
    """Something that holds a file, a device or a thread until it is closed. Use it in a `with` block."""

    def close(self) -> None:
        """Finish and release it."""

    def abort(self) -> None:
        """Release it after an error, whose `with` block did not reach its end."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()
