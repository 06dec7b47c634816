"""How many live sessions a server holds at the same time, and what paints them."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from media.errors import LineFull
from studio.live.face_setup import can_move
from studio.live.painters.pool import CLOSED, Painters
from studio.live.painters.process import DEADLINES, Deadlines
from studio.processor import usable_cores
from studio.settings import Settings


class _Address(NamedTuple):
    """A network address among the names that are counted."""

    address: str


class LivePlaces:
    """The places for live sessions of one server. Safe to use from several threads.

    Its sessions are painted by processes of their own, or in threads of this process where an engine cannot
    move to another one. `close` ends the processes; so does the end of this process, however it comes.
    deadlines: in which the processes answer.
    """

    def __init__(self, settings: Settings, deadlines: Deadlines = DEADLINES) -> None:
        self._most = settings.live_sessions
        self._most_per_visitor = settings.live_sessions_per_visitor
        self._most_per_address = settings.live_sessions_per_address
        self._taken = 0
        self._taken_by: Counter[Hashable] = Counter()
        self._lock = threading.Lock()
        self._closed = False
        cores = usable_cores()
        most = cores if settings.live_painters is None else settings.live_painters
        # Windows cannot hand a socket to another process.
        self.processes = Painters(most, deadlines) if most and hasattr(socket, "send_fds") else None
        # With a thread each, sessions would mostly wait for Python's lock, which every call into NumPy gives
        # up and asks for again.
        threads = max(1, cores // 2)
        self.painters = ThreadPoolExecutor(threads, thread_name_prefix="live")
        self.encoders = ThreadPoolExecutor(threads, thread_name_prefix="live-encoding")
        """They encode pictures, so that one portrait that takes long to paint does not hold up the others."""
        self.readers = ThreadPoolExecutor(threads, thread_name_prefix="live-opening")
        """They read portraits, which takes long, so that the sessions that run are not held up."""

    def processes_for(self, engine: str) -> Painters | None:
        """The processes that paint with an engine; None if threads do."""
        return self.processes if can_move(engine) else None

    def close(self) -> None:
        """End what paints, and with it the sessions. A second call does nothing."""
        with self._lock:
            self._closed = True
        self.readers.shutdown(wait=False, cancel_futures=True)
        if self.processes is not None:
            self.processes.close()
        self.painters.shutdown(wait=False)
        self.encoders.shutdown(wait=False)

    @property
    def taken(self) -> int:
        """The number of sessions that hold a place."""
        with self._lock:
            return self._taken

    def take(self, *visitors: Hashable, address: str | None = None) -> Callable[[], None]:
        """Take a place. Returns what gives it back; a second call of that does nothing.

        visitors: who asks, under each name by which that visitor is counted, such as a browser and a login;
        None is not counted. address: the network address, which several visitors may share. Raises LineFull.
        """
        names: set[Hashable] = {name for name in visitors if name is not None}
        shared = None if address is None else _Address(address)
        with self._lock:
            if self._closed:
                raise LineFull(CLOSED)
            if self._taken >= self._most:
                raise LineFull(
                    "{most} live sessions are open, the limit of this server. Try again in a few minutes.",
                    most=self._most,
                )
            count = max((self._taken_by[name] for name in names), default=0)
            if count >= self._most_per_visitor == 1:
                raise LineFull(
                    "A live session of yours is open in another window or program. Stop it there first."
                )
            if count >= self._most_per_visitor:
                raise LineFull(
                    "You have {count} live sessions open in other windows or programs, the limit for one "
                    "visitor. Stop one there first.",
                    count=count,
                )
            if shared is not None and self._taken_by[shared] >= self._most_per_address:
                raise LineFull(
                    "{count} live sessions are open from your network address, the limit for one address. "
                    "Try again when one has ended.",
                    count=self._taken_by[shared],
                )
            names |= {shared} - {None}
            self._taken += 1
            self._taken_by.update(names)
        given_back = threading.Event()

        def give_back() -> None:
            with self._lock:
                if not given_back.is_set():
                    given_back.set()
                    self._taken -= 1
                    self._taken_by.subtract(names)
                    self._taken_by += Counter()  # forgets those at zero

        return give_back

    @contextmanager
    def hold(self, *visitors: Hashable, address: str | None = None) -> Iterator[HeldPlace]:
        """Hold a place for a session that is not open yet. Arguments as for `take`. Raises LineFull."""
        held = HeldPlace(self, self.take(*visitors, address=address))
        try:
            yield held
        finally:
            held.leave()


class HeldPlace:
    """A place that is held for one session, which takes it over. It stands in for the `LivePlaces`."""

    def __init__(self, places: LivePlaces, give_back: Callable[[], None]) -> None:
        self.painters, self.readers = places.painters, places.readers
        self.processes_for = places.processes_for
        self._give_back: Callable[[], None] | None = give_back

    def take(self, *_: Hashable) -> Callable[[], None]:
        """Take it over. Returns what gives it back."""
        given, self._give_back = self._give_back, None
        assert given is not None  # it is for one session
        return given

    def leave(self) -> None:
        """Give it back, unless it was taken over."""
        if self._give_back is not None:
            self._give_back()
