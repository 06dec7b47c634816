"""WebRTC in a conversation: offers are answered, one after the other, while sound is heard."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from media.errors import LiveMessageError
from studio.live.frame import LiveFrame
from studio.live.session import LiveSession
from studio.live.socket.failures import SessionOver, explained
from studio.live.socket.messenger import Messenger
from studio.live.socket.sound import SoundQueue

MOST_OFFERS = 20
"""Offers of WebRTC in one session: each costs sockets and a key, and names addresses that get packets."""
MOST_A_MINUTE = 5
Outlet = Callable[[LiveFrame], None]
"""Takes the pictures and the sound of frames in place of the connection, in order, and without waiting."""


class CarriedConversation(Protocol):
    """What a carrier needs of a conversation."""

    session: LiveSession
    sound: SoundQueue

    def carry(self, outlet: Outlet | None) -> None:
        """Hand the sound and the pictures of frames to `outlet`; None sends them on the connection again."""

    async def tell(self, kind: str, **fields: Any) -> None:
        """Send an event."""


class Carrier(Protocol):
    """Carries a conversation's frames by WebRTC."""

    async def answer(self, sdp: str) -> str:
        """The answer to an offer, in place of any before. Raises OptionError if it cannot be used."""

    async def close(self) -> None:
        """Carry no more."""


Offers = Callable[[CarriedConversation], Carrier]
"""Makes a conversation's carrier, at its first offer."""


class Carrying:
    """The offers of one conversation. offers: None if none are answered."""

    def __init__(
        self,
        messenger: Messenger,
        offers: Offers | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """clock: monotonic, in seconds."""
        self._messenger, self._offers, self._clock = messenger, offers, clock
        self._carrier: Carrier | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._offered: deque[float] = deque()
        """When each offer came."""

    def begin(self, conversation: CarriedConversation, sdp: str) -> None:
        """Begin to answer an offer, after those before: a TURN server may take seconds.

        Raises LiveMessageError.
        """
        if self._offers is None:
            raise LiveMessageError(
                "This server carries no pictures by WebRTC, or this session has no pace. Read them from this "
                "connection."
            )
        self._count()
        task = asyncio.create_task(self._answer(self._offers, conversation, sdp))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _count(self) -> None:
        now = self._clock()
        if len(self._offered) >= MOST_OFFERS:
            raise LiveMessageError(
                "This session has answered {count} offers of WebRTC, the most that it takes.",
                count=MOST_OFFERS,
            )
        if len(self._offered) >= MOST_A_MINUTE and now - self._offered[-MOST_A_MINUTE] < 60:
            raise LiveMessageError(
                "This session takes {count} offers of WebRTC in a minute. Wait before you send another one.",
                count=MOST_A_MINUTE,
            )
        self._offered.append(now)

    async def _answer(self, offers: Offers, conversation: CarriedConversation, sdp: str) -> None:
        with contextlib.suppress(SessionOver):  # the conversation itself finds out
            async with self._turn:
                self._carrier = self._carrier or offers(conversation)
                try:
                    await self._messenger.tell("answer", sdp=await self._carrier.answer(sdp))
                except (SessionOver, asyncio.CancelledError):
                    raise
                except Exception as error:
                    await self._messenger.complain(explained(error))

    async def stop(self) -> None:
        """Carry no more. A later offer begins again."""
        answering = list(self._answering)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        if self._carrier is not None:
            await self._carrier.close()
        self._carrier = None
