"""Records the uploads of the last hour, by address and in total."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock

from media.messages import said
from studio.settings import Settings

HOUR = 3600.0
EVERYBODY = ""


@dataclass
class Ledger:
    """The uploads of each address, and of all together, within the last hour. Threads may share it.

    clock: a monotonic clock in seconds.
    """

    settings: Settings
    clock: Callable[[], float] = time.monotonic
    _sent: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)
    _sums: dict[str, int] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def note(self, address: str, size: int) -> None:
        """Record an upload of `size` bytes."""
        with self._lock:
            for whose in (address, EVERYBODY):
                self._sent.setdefault(whose, deque()).append((self.clock(), size))
                self._sums[whose] = self._sums.get(whose, 0) + size
            for whose in [one for one, sent in self._sent.items() if sent[0][0] < self.clock() - HOUR]:
                self._of(whose)  # forgets old uploads

    def refusal(self, address: str, more: int = 0) -> str:
        """Why `more` bytes are refused, in a sentence; "" if they are not."""
        files, size = self._of(address)
        settings = self.settings
        if files >= settings.uploads_per_hour:
            return said(
                "Your network address has uploaded {count} times in the last hour, the limit for one "
                "address. Try again later.",
                count=files,
            )
        own = _too_much("Your network address has", size, more, settings.upload_mb_per_hour)
        return own or self.refusal_of_all(more)

    def refusal_of_all(self, more: int = 0) -> str:
        """The same for the uploads of all visitors together."""
        _, size = self._of(EVERYBODY)
        return _too_much("All visitors together have", size, more, self.settings.upload_mb_per_hour_in_all)

    def _of(self, whose: str) -> tuple[int, int]:
        with self._lock:
            sent = self._sent.get(whose, deque())
            while sent and sent[0][0] < self.clock() - HOUR:
                self._sums[whose] -= sent.popleft()[1]
            if not sent:
                self._sent.pop(whose, None)
                self._sums.pop(whose, None)
            return len(sent), self._sums.get(whose, 0)


def _too_much(whose: str, sent: int, more: int, most: int) -> str:
    if sent + more <= most * 1_000_000:
        return ""
    return said(
        "{whose} uploaded {sent:.0f} MB in the last hour; the limit is {most} MB. Try again later.",
        whose=whose,
        sent=sent / 1e6,
        most=most,
    )
