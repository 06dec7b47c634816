"""Delays logins after wrong passwords, so that an attacker cannot try many.

A delay never becomes a refusal, so no one can lock another person out: a visitor who floods a name costs its
owner a few seconds in a new browser, and nothing in one with an earlier login (OWASP's device cookies).
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

FREE = 3
"""Number of wrong passwords without a delay."""
LONGEST = 10.0
"""Longest delay of a visitor in seconds."""
LONGEST_FOR_NAME = 4.0
"""Longest delay of a name in seconds, for browsers without an earlier login."""
FORGOTTEN = 900.0
"""Seconds after which the last wrong password no longer counts."""
MOST = 10_000
"""Largest number of remembered visitors and names; the oldest are forgotten first."""


def network_of(address: str) -> str:
    """The key for one visitor's address: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


@dataclass
class Faults:
    """Wrong passwords by key: their number, and the time of the last one."""

    entries: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def count(self, key: str, now: float) -> int:
        """The number that still count."""
        number, last = self.entries.get(key, (0, now))
        return number if now - last < FORGOTTEN else 0

    def add(self, key: str, now: float) -> None:
        """Count one more."""
        self.entries[key] = (self.count(key, now) + 1, now)
        self.entries.move_to_end(key)
        if len(self.entries) > MOST:
            self.entries.popitem(last=False)


@dataclass
class LoginDelays:
    """Counts wrong passwords. clock: a monotonic clock in seconds. For use from one thread."""

    clock: Callable[[], float] = time.monotonic
    by_visitor: Faults = field(default_factory=Faults)
    by_name: Faults = field(default_factory=Faults)

    def seconds(self, name: str, visitor: str, *, at_home: bool = False) -> float:
        """Seconds to wait before a password is checked.

        visitor: a network, or a browser. at_home: whether that name has logged in with this browser before.
        """
        now = self.clock()
        wait = _growing(self.by_visitor.count(visitor, now), LONGEST)
        return wait if at_home else max(wait, _growing(self.by_name.count(name, now), LONGEST_FOR_NAME))

    def failed(self, name: str, visitor: str) -> None:
        """Count a wrong password, or a name that does not exist.

        The right one resets nothing: a visitor with an account could use it to try out others.
        """
        now = self.clock()
        self.by_visitor.add(visitor, now)
        self.by_name.add(name, now)


def _growing(faults: int, longest: float) -> float:
    """0 for the first ones, then 1, 2, 4, 8 ... seconds."""
    over = faults - FREE
    return min(2.0 ** min(over, 10), longest) if over >= 0 else 0.0
