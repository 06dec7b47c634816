"""Limits how many requests one server handles at once, and how many bytes they hold in memory."""

from __future__ import annotations

from collections import Counter

from media.errors import LineFull
from media.messages import said


class CallerFull(LineFull):
    """One caller has reached the limit of open requests."""


class ServerFull(LineFull):
    """All callers together have reached the limit of open requests or bytes."""


class RequestLimits:
    """The limits of one server.

    requests: open at once, in all. per_caller: for one token or one network address. max_bytes: of all their
    files together, from the first received byte until the video is made.
    """

    def __init__(self, requests: int, per_caller: int, max_bytes: int) -> None:
        self._requests, self._per_caller, self._max_bytes = requests, per_caller, max_bytes
        self._callers: Counter[str] = Counter()
        self._bytes = 0

    def enter(self, caller: str) -> RequestPlace:
        """Take a place for a request. Raises CallerFull or ServerFull."""
        if self._callers[caller] >= self._per_caller:
            raise CallerFull(
                said(
                    "{count} requests of yours are open, the limit for one caller. Send the next one when "
                    "one of them is answered.",
                    count=self._callers[caller],
                )
            )
        if self._callers.total() >= self._requests:
            raise ServerFull(
                said(
                    "{count} requests are open, the limit of this server. Try again in a minute.",
                    count=self._requests,
                )
            )
        self._callers[caller] += 1
        return RequestPlace(self, caller)

    def take(self, size: int) -> None:
        """Count more bytes in memory. Raises ServerFull if that is too much."""
        if self._bytes + size > self._max_bytes:
            there, most = f"{self._bytes / 1e6:.0f}", f"{self._max_bytes / 1e6:g}"
            raise ServerFull(
                said(
                    "The files of all requests already have {size} MB; the limit is {most} MB. Try again in "
                    "a minute.",
                    size=there,
                    most=most,
                )
            )
        self._bytes += size

    def give_back(self, caller: str, size: int) -> None:
        """Count the end of a request that held `size` bytes."""
        self._bytes -= size
        self._callers[caller] -= 1
        if not self._callers[caller]:
            del self._callers[caller]


class RequestPlace:
    """A request's place. Always call `leave` at the end."""

    def __init__(self, room: RequestLimits, caller: str) -> None:
        self._room, self._caller, self._size = room, caller, 0
        self._left = False

    def took(self, size: int) -> None:
        """Count received bytes. Raises ServerFull."""
        self._room.take(size)
        self._size += size

    def leave(self) -> None:
        """Give up the place. A second call does nothing."""
        if not self._left:
            self._left = True
            self._room.give_back(self._caller, self._size)
