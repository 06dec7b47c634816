"""Keeps Gradio's sessions small and bound to a login, ends them soon, and limits their number.

For every session, even an unused one, Gradio copies the page's whole configuration, for links to a session,
which this page does not have: 1.4 MB and a tenth of a second, kept until 10,000 newer sessions have started.
Here a session starts without that copy, and ends when nothing of it is open any more.

A client names its session itself, and Gradio checks no owner. With logins, a session belongs to the name that
used it first.
"""

from __future__ import annotations

import asyncio
import time
from collections import ChainMap, Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from gradio.blocks import BlocksConfig
from gradio.state_holder import SessionState

from media.messages import said
from studio.settings import Settings

IDLE = 45.0
"""Seconds after its last request until an idle session is dropped."""
RETURNING, RETURN = 100, 3600.0
"""Number of pages that find their session again after a lost connection, as on a train, and the seconds for
which they do.
"""
MINUTE = 60.0


@dataclass
class Visit:
    """One session.

    streams: its open connections. page: whether it ever had the connection that pages keep open. login: the
    name that it belongs to, or "".
    """

    address: str
    last: float
    streams: int = 0
    page: bool = False
    login: str = ""


@dataclass
class Sessions:
    """What is known about the sessions besides Gradio's own data.

    clock: a monotonic clock in seconds.
    """

    settings: Settings
    clock: Callable[[], float] = time.monotonic
    visits: dict[str, Visit] = field(default_factory=dict)
    _begun: dict[str, deque[float]] = field(default_factory=dict)

    def refusal(self, session: str | None, address: str, holder: Any) -> str:
        """Why no new session may start for a request, in a sentence; "" if it may, or is not new.

        holder: Gradio's sessions.
        """
        if session in self.visits:
            return ""
        begun = self._begun.get(address, deque())
        while begun and begun[0] < self.clock() - MINUTE:
            begun.popleft()
        if len(begun) >= self.settings.sessions_per_minute:
            return said(
                "Your network address has opened {count} sessions in the last minute, the limit for one "
                "address. Try again in a minute.",
                count=len(begun),
            )
        if len(self.visits) >= self.settings.sessions and not self._drop_one(holder):
            return said(
                "{count} visitors are connected, the limit of this server. Try again in a few minutes.",
                count=len(self.visits),
            )
        return ""

    def belongs_to_another(self, session: str, login: str) -> bool:
        """Whether a session belongs to a login other than this one, if the request has a login."""
        visit = self.visits.get(session)
        return visit is not None and bool(visit.login and login) and visit.login != login

    def saw(self, session: str, address: str, login: str = "") -> Visit:
        """Record a request of a session, which belongs to its login from then on."""
        visit = self.visits.get(session)
        if visit is None:
            visit = self.visits[session] = Visit(address, self.clock())
            self._begun.setdefault(address, deque()).append(self.clock())
        visit.last = self.clock()
        visit.login = visit.login or login
        return visit

    def begin(self, session: str, app: Any) -> None:
        """Give Gradio a session like its own without copies: it shares what it does not change.

        app: Gradio's application.
        """
        holder, page = app.state_holder, app.get_blocks()
        if session not in holder:
            empty: Any = SimpleNamespace(default_config=BlocksConfig(page), blocks={})
            state, common = SessionState(empty), page.default_config
            state.blocks_config.blocks = ChainMap({}, common.blocks)
            state.blocks_config.fns, state.blocks_config.fn_id = common.fns, common.fn_id
            holder.session_data[session] = state

    def trim(self, holder: Any) -> None:
        """Drop copies of the configuration made since. holder: Gradio's sessions."""
        for state in list(holder.session_data.values()):
            state.config_values.clear()

    def sweep(self, holder: Any) -> int:
        """End the sessions whose visitors are gone. Returns their number."""
        self.trim(holder)
        now = self.clock()
        for session in set(holder.session_data) - set(self.visits):  # of a job that outlived its own
            self.visits[session] = Visit("", now)
        idle = [(one.last, name) for name, one in self.visits.items() if not one.streams]
        pages = sorted((last, name) for last, name in idle if self.visits[name].page)[-RETURNING:]
        kept = {name for last, name in pages if now - last < RETURN}
        gone = [name for last, name in idle if now - last > IDLE and name not in kept]
        for session in gone:
            self._end(session, holder)
        self._begun = {a: times for a, times in self._begun.items() if times and times[-1] > now - MINUTE}
        return len(gone)

    def crowded(self, address: str) -> bool:
        """Whether one address has reached the limit of open connections."""
        open_ones = Counter[str]()
        for visit in self.visits.values():
            open_ones[visit.address] += visit.streams
        return open_ones[address] >= 2 * self.settings.sessions_per_minute

    def _drop_one(self, holder: Any) -> bool:
        """Make room by ending the session that has been idle longest; False if all have something open."""
        idle = [(one.last, name) for name, one in self.visits.items() if not one.streams]
        if not idle:
            return False
        self._end(min(idle)[1], holder)
        return True

    def _end(self, session: str, holder: Any) -> None:
        self.visits.pop(session, None)
        holder.delete_state(session)  # with the cleaning that its components want for their values
        holder.session_data.pop(session, None)
        holder.time_last_used.pop(session, None)


def sweeping(sessions: Sessions, every: float = 5.0) -> Callable[[Any], Any]:
    """A lifespan that ends sessions at intervals while the server runs."""

    async def sweep(app: Any) -> None:
        while True:
            await asyncio.sleep(every)
            sessions.sweep(app.state_holder)

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        task = asyncio.create_task(sweep(app))
        try:
            yield
        finally:
            task.cancel()

    return lifespan
