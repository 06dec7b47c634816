"""What became of the recordings of a session, said on the connection that the session has by then."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from studio.live.socket.failures import SessionOver
from studio.live.socket.messenger import Messenger

_MOST = 4
Say = Callable[[Messenger], Awaitable[None]]
"""Says one outcome. Raises SessionOver if the connection is gone."""


class Outcomes:
    """Those of one session, which a page opens again on another connection if it loses one.

    What cannot be said waits for the next connection; the last four do.
    """

    def __init__(self) -> None:
        self._messenger: Messenger | None = None
        self._waiting: deque[Say] = deque(maxlen=_MOST)

    def hold(self) -> None:
        """Another connection takes over: say nothing until it listens, because the one before is lost."""
        self._messenger = None

    async def listen(self, messenger: Messenger) -> None:
        """Say what waits, and what follows, on this connection."""
        self._messenger = messenger
        await self._say_all()

    async def say(self, one: Say) -> None:
        """Say one, as soon as that is possible."""
        self._waiting.append(one)
        await self._say_all()

    async def _say_all(self) -> None:
        while self._waiting and self._messenger is not None:
            one = self._waiting.popleft()
            try:
                await one(self._messenger)
            except SessionOver:  # the conversation finds out itself
                self._waiting.appendleft(one)
                break
