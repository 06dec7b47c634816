"""Decides the order in which waiting visitors take turns.

Start-time fair queueing with one job as the unit (Goyal, Vin and Cheng, 1996): addresses take turns, the
visitors of an address take turns among themselves, and the jobs of a visitor keep their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


@dataclass(frozen=True)
class Visitor:
    """A visitor. address: network address. name: of one visitor there, "" for programs without one."""

    address: str
    name: str = ""


class WaitingJob(Protocol):
    """A waiting job. number: from `Turns.number`, in the order of arrival."""

    visitor: Visitor
    number: int


WaitingT = TypeVar("WaitingT", bound=WaitingJob)


class Turns:
    """The latest turn of each visitor and each address, as increasing numbers."""

    def __init__(self) -> None:
        self._number = 0
        self._served: dict[Visitor | str, int] = {}

    def number(self) -> int:
        """The number of an arrival or of a starting turn."""
        self._number += 1
        return self._number

    def begun(self, visitor: Visitor) -> None:
        """Record that a visitor, and so the address, has a turn."""
        self._served[visitor] = self._served[visitor.address] = self.number()

    def keep(self, visitors: Iterable[Visitor]) -> None:
        """Forget the turns of all other visitors."""
        there = set(visitors)
        addresses = {visitor.address for visitor in there}
        self._served = {key: at for key, at in self._served.items() if key in there or key in addresses}

    def order(self, waiting: Sequence[WaitingT], working: Iterable[Visitor]) -> list[WaitingT]:
        """The waiting jobs in the order in which they would start if no others came.

        waiting: in the order of arrival. working: the visitor of each running job.
        """
        busy_visitors = Counter(working)
        busy_addresses: Counter[str] = Counter()
        for visitor, count in busy_visitors.items():
            busy_addresses[visitor.address] += count
        rounds: dict[WaitingT, tuple[int, int, int]] = {}
        for ticket in waiting:
            done = busy_visitors[ticket.visitor]
            busy_visitors[ticket.visitor] += 1
            rounds[ticket] = (done, self._served.get(ticket.visitor, 0), ticket.number)
        turns: dict[WaitingT, tuple[int, int, int]] = {}
        for ticket in sorted(waiting, key=rounds.__getitem__):
            address = ticket.visitor.address
            turns[ticket] = (busy_addresses[address], self._served.get(address, 0), ticket.number)
            busy_addresses[address] += 1
        return sorted(waiting, key=turns.__getitem__)
