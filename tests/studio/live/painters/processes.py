"""Waits for the end of processes."""

from __future__ import annotations

import os
import select


class Watched:
    """A process of this user. pid: its number, while it runs."""

    def __init__(self, pid: int) -> None:
        self._file = os.pidfd_open(pid)

    def ended(self, seconds: float = 30.0) -> bool:
        """Wait for its end; False if that takes longer."""
        return bool(select.select([self._file], [], [], seconds)[0])

    def close(self) -> None:
        os.close(self._file)
