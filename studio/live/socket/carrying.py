"""WebRTC in a conversation: offers are answered, one after the other, while sound is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from media.errors import JoyStudioError, LiveMessageError
from studio.live.frame import LiveFrame
from studio.live.session import LiveSession
from studio.live.socket.messenger import Messenger
from studio.live.socket.sound import Sound

MOST_OFFERS = 20
"""Offers of WebRTC in one session: each costs sockets and a key."""
Outlet = Callable[[LiveFrame], None]
"""Takes the pictures and the sound of frames in place of the connection, in order, and without waiting."""


class Carried(Protocol):
    """What a carrier needs of a conversation."""

    session: LiveSession
    sound: Sound

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


Offers = Callable[[Carried], Carrier]
"""Makes a conversation's carrier, at its first offer."""


class Carrying:
    """The offers of one conversation. offers: None if none are answered."""

    def __init__(self, messenger: Messenger, offers: Offers | None) -> None:
        self._messenger, self._offers = messenger, offers
        self._carrier: Carrier | None = None
        self._answering: asyncio.Task[None] | None = None
        self._offered = 0

    async def begin(self, conversation: Carried, sdp: str) -> None:
        """Begin to answer an offer: a TURN server may take seconds. Raises LiveMessageError."""
        if self._offers is None:
            raise LiveMessageError(
                "This server carries no pictures by WebRTC, or this session has no pace. Read them from this "
                "connection."
            )
        if self._offered >= MOST_OFFERS:
            raise LiveMessageError(
                "This session has answered {count} offers of WebRTC, the most that it takes.",
                count=MOST_OFFERS,
            )
        self._offered += 1
        if self._answering is not None:
            await asyncio.wait([self._answering])
        self._carrier = self._carrier or self._offers(conversation)
        self._answering = asyncio.ensure_future(self._answer(self._carrier, sdp))

    async def _answer(self, carrier: Carrier, sdp: str) -> None:
        try:
            await self._messenger.tell("answer", sdp=await carrier.answer(sdp))
        except JoyStudioError as error:
            await self._messenger.complain(error)

    async def stop(self) -> None:
        """Carry no more. A later offer begins again."""
        if self._answering is not None:
            self._answering.cancel()
            await asyncio.wait([self._answering])
        if self._carrier is not None:
            await self._carrier.close()
        self._answering = self._carrier = None
