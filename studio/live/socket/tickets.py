"""Tickets: the page prepares a session, and its script opens it with one secret word."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.desk.edit import PLAIN, PortraitEdit
from media.errors import LiveTicketError

if TYPE_CHECKING:
    from media.portrait import Portrait

SECONDS = 60.0
"""How long a ticket is valid."""
MOST = 1000
"""Valid tickets at the same time; beyond that, the oldest ends."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The arguments of `LiveSession.open` for a session that is opened later. They are checked then.

    visitor: whose session it is. owner: whose gallery gets its recordings.
    """

    portrait: Path | bytes | Portrait
    engine: str = "preview"
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


@dataclass(frozen=True)
class _Ticket:
    opening: Opening
    login: str
    until: float
    options: Callable[[], Any] | None = None
    """Those that a running session has now."""

    @property
    def current(self) -> Opening:
        return self.opening if self.options is None else replace(self.opening, options=self.options())


@dataclass
class Tickets:
    """The tickets of one server. Safe to use from several threads. clock: a monotonic clock in seconds."""

    clock: Callable[[], float] = time.monotonic
    _valid: dict[str, _Ticket] = field(default_factory=dict)
    _again: dict[str, _Ticket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, opening: Opening, login: str = "") -> str:
        """A ticket that opens this session once, within a minute. An older one of the visitor ends.

        login: the name of the visitor's login, which the connection must have, too.
        """
        word = secrets.token_urlsafe(24)
        with self._lock:
            self._forget(opening.visitor)
            self._valid[word] = _Ticket(opening, login, self.clock() + SECONDS)
        return word

    @contextmanager
    def again(self, opening: Opening, options: Callable[[], Any], login: str = "") -> Iterator[str]:
        """A ticket that opens a session again while it runs, and for a minute after it.

        It may be used more than once, because a connection can be lost again before its session is ready.
        options: those in use. login: as for `issue`.
        """
        word = secrets.token_urlsafe(24)
        with self._lock:
            self._again[word] = _Ticket(opening, login, math.inf, options)
        try:
            yield word
        finally:
            now = self.clock()
            with self._lock:
                del self._again[word]
                for old in [old for old, ticket in self._again.items() if ticket.until < now]:
                    del self._again[old]
                self._again[word] = _Ticket(replace(opening, options=options()), login, now + SECONDS)

    def _forget(self, visitor: Hashable) -> None:
        now = self.clock()
        for word, ticket in list(self._valid.items()):
            same = visitor is not None and ticket.opening.visitor == visitor
            if same or ticket.until < now or len(self._valid) >= MOST:
                del self._valid[word]

    def take(self, word: str, login: str = "") -> Opening:
        """The session that a ticket opens; one of `issue` ends. Raises LiveTicketError."""
        with self._lock:
            ticket = self._valid.pop(word, None) or self._again.get(word)
        if ticket is None or ticket.until < self.clock() or ticket.login != login:
            raise LiveTicketError(
                "This ticket for a live session is not valid: it was used, it is older than a minute, or it "
                "belongs to another visitor. Start again."
            )
        return ticket.current
