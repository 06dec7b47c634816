"""Tickets: the page prepares a session, and its script opens it with one secret word."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.registry import DEFAULT_ENGINE
from media.desk.edit import PLAIN, PortraitEdit
from media.errors import LiveTicketError
from studio.in_use import holding
from studio.live.socket.outcomes import Outcomes

if TYPE_CHECKING:
    from media.portrait import Portrait

SECONDS = 60.0
"""How long a ticket is valid."""
MOST = 250
"""Valid tickets at the same time; beyond that, the oldest ends. Each keeps a portrait's file open."""
End = Callable[[], Awaitable[None]]
"""Ends a session, and frees its place at once."""


@dataclass(frozen=True, kw_only=True)
class SessionArguments:
    """The arguments of `LiveSession.open` for a session that is opened later. They are checked then.

    visitor: whose session it is. owner: whose gallery gets its recordings. outcomes: of those recordings.
    """

    portrait: Path | bytes | Portrait
    engine: str = DEFAULT_ENGINE
    options: Any = None
    seed: Any = 0
    paced: bool = True
    look_ahead_ms: Any = 80
    max_backlog_ms: Any = None
    lead_ms: Any = 0
    face_index: Any = 0
    anchors: Any = None
    portrait_edit: PortraitEdit = PLAIN
    visitor: Hashable = None
    owner: str = ""
    outcomes: Outcomes = field(default_factory=Outcomes, compare=False)


@dataclass(frozen=True)
class _Ticket:
    """held: the portrait's file, which nothing deletes meanwhile. options, end: of the session that runs."""

    opening: SessionArguments
    login: str
    until: float
    held: ExitStack
    options: Callable[[], Any] | None = None
    end: End | None = None

    @property
    def current(self) -> SessionArguments:
        return self.opening if self.options is None else replace(self.opening, options=self.options())


@dataclass
class Tickets:
    """The tickets of one server. Safe to use from several threads. clock: a monotonic clock in seconds."""

    clock: Callable[[], float] = time.monotonic
    _valid: dict[str, _Ticket] = field(default_factory=dict)
    _again: dict[str, _Ticket] = field(default_factory=dict)
    _used: dict[str, _Ticket] = field(default_factory=dict)
    """Their sessions are being opened, and hold nothing themselves yet."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cleaner: threading.Timer | None = None

    def issue(self, opening: SessionArguments, login: str = "") -> str:
        """A ticket that opens this session once, within a minute. An older one of the visitor ends.

        login: the name of the visitor's login, which the connection must have, too.
        """
        word, held = secrets.token_urlsafe(24), _held(opening)
        self.forget_old()
        with self._lock:
            for old, ticket in list(self._valid.items()):
                same = opening.visitor is not None and ticket.opening.visitor == opening.visitor
                if same or len(self._valid) >= MOST:
                    self._valid.pop(old).held.close()
            self._valid[word] = _Ticket(opening, login, self.clock() + SECONDS, held)
            self._clean_later()
        return word

    @contextmanager
    def again(
        self,
        opening: SessionArguments,
        options: Callable[[], Any],
        login: str = "",
        *,
        end: End | None = None,
        opened_by: str = "",
    ) -> Iterator[str]:
        """A ticket that opens a session again while it runs, and for a minute after it.

        It may be used more than once, because a connection can be lost again before its session is ready.
        options: those in use. login: as for `issue`. end: see `end_session`. opened_by: the ticket that
        opened this session; one of `again` stays the ticket of those that it opens.
        """
        held = _held(opening)
        with self._lock:
            known = self._again.get(opened_by)
            word = opened_by if known is not None else secrets.token_urlsafe(24)
            if known is not None:
                known.held.close()
            running = self._again[word] = _Ticket(opening, login, math.inf, held, options, end)
        try:
            yield word
        finally:
            self.forget_old()
            with self._lock:
                if self._again.get(word) is running:  # no other session has it by now
                    ended = replace(opening, options=options())
                    self._again[word] = _Ticket(ended, login, self.clock() + SECONDS, held)
                    self._clean_later()

    async def end_session(self, word: str) -> None:
        """End the session that runs with a ticket of `again`, if there is one: its connection was lost, which
        the server may not have noticed. Call it in that session's event loop.
        """
        with self._lock:
            ticket = self._again.get(word)
        if ticket is not None and ticket.end is not None:
            await ticket.end()

    def forget_old(self) -> None:
        """Forget the tickets that are not valid any more, and let their portraits go."""
        now = self.clock()
        with self._lock:
            for tickets in (self._valid, self._again, self._used):
                for word in [word for word, ticket in tickets.items() if ticket.until < now]:
                    tickets.pop(word).held.close()

    def _clean_later(self) -> None:
        """Uploads go in their time, even if no other ticket is asked for."""
        if self._cleaner is None:
            self._cleaner = threading.Timer(SECONDS + 1, self._clean)
            self._cleaner.daemon = True
            self._cleaner.start()

    def _clean(self) -> None:
        self.forget_old()
        with self._lock:
            self._cleaner = None
            if self._valid or self._used or any(math.isfinite(one.until) for one in self._again.values()):
                self._clean_later()

    def close(self) -> None:
        """Forget all tickets."""
        with self._lock:
            for tickets in (self._valid, self._again, self._used):
                for ticket in tickets.values():
                    ticket.held.close()
                tickets.clear()
            if self._cleaner is not None:
                self._cleaner.cancel()

    def take(self, word: str, login: str = "") -> SessionArguments:
        """The session that a ticket opens; one of `issue` ends. Raises LiveTicketError."""
        with self._lock:
            ticket = self._valid.pop(word, None)
            if ticket is not None:
                self._used[word] = replace(ticket, until=self.clock() + SECONDS)
                self._clean_later()
            else:
                ticket = self._again.get(word)
        if ticket is None or ticket.until < self.clock() or ticket.login != login:
            raise LiveTicketError(
                "This ticket for a live session is not valid: it was used, it is older than a minute, or it "
                "belongs to another visitor. Start again."
            )
        return ticket.current


def _held(opening: SessionArguments) -> ExitStack:
    """Holds the portrait, if it is a file, until it is closed."""
    held = ExitStack()
    held.enter_context(holding(opening.portrait))
    return held
