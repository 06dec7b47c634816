"""Decides which job runs next: a bounded queue that is fair to visitors, however many jobs each sends.

Visitors take turns, as in `studio.fair_turns`. If a visitor has several jobs in the queue, a running one
pauses for a visitor who has none running. It then runs for half as long as it paused before it pauses again.
So you wait no longer than your own job takes, however long the others are.

A line belongs to the event loop that uses it; nothing here waits in a thread.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass

from media.errors import LineFull
from studio.fair_turns import Turns, Visitor


@dataclass(frozen=True)
class LineLimits:
    """The limits of a line.

    at_once: jobs that run at the same time. places: jobs that wait. per_visitor, per_address: waiting and
    running together; the first does not apply to visitors without a name. at_once_per_address: running, None
    for no separate limit. pausing: whether jobs pause for others; at most `at_once` are paused.
    """

    at_once: int
    places: int
    per_visitor: int
    per_address: int
    at_once_per_address: int | None = None
    pausing: bool = False


class Ticket:
    """A place in a line, from entering to leaving. Always call `leave` at the end."""

    def __init__(self, line: Line, visitor: Visitor, number: int) -> None:
        self.visitor, self.number = visitor, number
        self.ahead = 0
        """Number of jobs that run before this one."""
        self.at_work = False
        self.since = 0.0
        """When it started to run, or to pause."""
        self.owed = 0.0
        """Seconds that it runs before it may pause again."""
        self.paused = False
        self._line = line
        self._given_up = False
        self._news = asyncio.Event()

    async def turn(self, every: float) -> AsyncGenerator[int, None]:
        """Wait until the job may run. Yields how many are ahead: immediately, at each change, and at
        intervals.

        every: the interval in seconds. Raises LineFull if the place is given to a visitor with fewer jobs,
        and when the server stops. A job calls this between two steps, and ends here.
        """
        self._line.check_open()
        self._line.review()
        while not self.at_work:
            self._line.check_open()
            if self._given_up:
                raise self._line.pushed_out()
            self._news.clear()
            yield self.ahead
            if not self.at_work and not self._given_up:
                try:
                    await asyncio.wait_for(self._news.wait(), every)
                except TimeoutError:
                    continue

    def leave(self) -> None:
        """Give up the place, finished or not. A second call does nothing."""
        self._line.remove(self)

    def place(self, ahead: int, *, at_work: bool = False) -> None:
        """Set the place in the line, and wake the waiting job."""
        if (ahead, at_work) != (self.ahead, self.at_work):
            self.ahead, self.at_work = ahead, at_work
            self._news.set()

    def give_up(self) -> None:
        """Tell the waiting job that its place is gone."""
        self._given_up = True
        self._news.set()


class Line:
    """A line for a limited number of jobs that run at the same time."""

    def __init__(
        self,
        bounds: LineLimits,
        what: str = "videos",
        clock: Callable[[], float] = time.monotonic,
        stopping: Callable[[], bool] = lambda: False,
        stored: bool = False,
    ) -> None:
        """what: the kind of job, for error messages. clock: a monotonic clock in seconds.

        stopping: whether the server is stopping; then no job starts, and running jobs end. stored: whether
        jobs with a place may be stored to continue after a restart.
        """
        self._stored = stored
        self.bounds, self._what, self._clock, self._stopping = bounds, what, clock, stopping
        self._waiting: list[Ticket] = []
        self._working: list[Ticket] = []
        self._turns = Turns()

    @property
    def waiting(self) -> int:
        """Number of waiting jobs."""
        return len(self._waiting)

    @property
    def working(self) -> int:
        """Number of running jobs."""
        return len(self._working)

    def enter(self, visitor: Visitor) -> Ticket:
        """Take a place after the visitor's other jobs; the job may start immediately.

        Raises LineFull with the limit that was reached (the visitor's, the address's or the line's), and when
        the server stops. A full line still accepts a visitor who has fewer jobs in it than others: the last
        job in turn loses its place.
        """
        if self._stopping():
            raise _closed()
        own = [one for one in self._all() if one.visitor == visitor]
        near = [one for one in self._all() if one.visitor.address == visitor.address]
        what, bounds = self._what, self.bounds
        if visitor.name and len(own) >= bounds.per_visitor:
            raise LineFull(
                "You have {count} {what} waiting or running, the limit for one visitor. Wait until one is "
                "finished, or cancel one.",
                count=len(own),
                what=what,
            )
        if len(near) >= bounds.per_address:
            raise LineFull(
                "Your network address has {count} {what} waiting or running, the limit for one address. Try "
                "again when one of them is finished.",
                count=len(near),
                what=what,
            )
        ticket = Ticket(self, visitor, self._turns.number())
        self._waiting.append(ticket)
        self._serve()
        if len(self._waiting) > bounds.places:
            last = next(one for one in reversed(self._order()) if not one.paused)
            self._waiting.remove(last)
            if last is ticket:
                raise LineFull(
                    "{places} {what} are waiting, the limit of this server. Try again in a few minutes.",
                    places=bounds.places,
                    what=what,
                )
            last.give_up()
            self._serve()
        return ticket

    def check_open(self) -> None:
        """Raise LineFull if the server is stopping, for a job that has a place."""
        if self._stopping():
            if not self._stored:
                raise _closed()
            raise LineFull(
                "The server is stopping. Open the page again in a few minutes: jobs in the list above the "
                "tabs and in the gallery are kept. Send the others again."
            )

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait in another thread until no job runs. Returns whether that is so within `seconds`."""
        end = self._clock() + seconds
        while self._working and self._clock() < end:
            time.sleep(0.05)
        return not self._working

    def pushed_out(self) -> LineFull:
        """The error for a job that loses its place."""
        return LineFull(
            "The queue is full with {places} {what}, and a visitor with fewer jobs took the place of your "
            "last one. Send it again in a few minutes.",
            places=self.bounds.places,
            what=self._what,
        )

    def review(self) -> None:
        """Check whether a running job has to pause now. Each job calls this between two steps."""
        if self._waiting:
            self._serve()

    def remove(self, ticket: Ticket) -> None:
        """Remove a ticket from the line, waiting or running, and start the next job."""
        for tickets in (self._waiting, self._working):
            if ticket in tickets:
                tickets.remove(ticket)
        self._serve()
        self._turns.keep(one.visitor for one in self._all())

    def _serve(self) -> None:
        """Start as many jobs as may run, and tell the others their places."""
        while len(self._working) < self.bounds.at_once:
            chosen = next((one for one in self._order() if self._may_begin(one)), None)
            if chosen is None:
                break
            self._begin(chosen)
        if (pair := self._who_pauses()) is not None:
            paused, better = pair
            self._working.remove(paused)
            self._waiting.insert(0, paused)
            paused.paused, paused.since = True, self._clock()
            self._begin(better)
        for ahead, ticket in enumerate(self._order()):
            ticket.place(ahead)

    def _begin(self, ticket: Ticket) -> None:
        self._waiting.remove(ticket)
        self._working.append(ticket)
        now = self._clock()
        if ticket.paused:  # it continues with the turn that it has begun
            ticket.paused, ticket.owed = False, (now - ticket.since) / 2
        else:
            self._turns.begun(ticket.visitor)
        ticket.since = now
        ticket.place(0, at_work=True)

    def _who_pauses(self) -> tuple[Ticket, Ticket] | None:
        """A running job to pause now, and the one that runs in its place."""
        if not self.bounds.pausing or sum(one.paused for one in self._waiting) >= self.bounds.at_once:
            return None
        better = next(iter(self._order()), None)
        busy = {one.visitor for one in self._working}
        if better is None or better.paused or better.visitor in busy:
            return None
        count, now = Counter(one.visitor for one in self._all()), self._clock()
        for one in sorted(self._working, key=lambda one: -count[one.visitor]):
            if count[one.visitor] > 1 and now - one.since >= one.owed:
                return one, better
        return None

    def _may_begin(self, ticket: Ticket) -> bool:
        most = self.bounds.at_once_per_address
        address = ticket.visitor.address
        return most is None or sum(one.visitor.address == address for one in self._working) < most

    def _order(self) -> list[Ticket]:
        """The waiting jobs in the order in which they would start if no others came."""
        return self._turns.order(self._waiting, [one.visitor for one in self._working])

    def _all(self) -> Iterable[Ticket]:
        yield from self._waiting
        yield from self._working


def _closed() -> LineFull:
    """The error for a job that is stored nowhere."""
    return LineFull("The server is stopping. Send this again in a few minutes.")
