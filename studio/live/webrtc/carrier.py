"""WebRTC for the sessions of a server, which carry their offers over their connections."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from media.errors import LiveEnded
from studio.live.socket.carrying import CarriedConversation, Carrier, Offers
from studio.live.socket.failures import SessionOver
from studio.live.webrtc.ice import ice_servers
from studio.live.webrtc.offers import can_answer
from studio.settings import Settings


def offers_of(settings: Settings) -> Offers | None:
    """What answers the offers of a server; None if its settings or its packages allow no WebRTC."""
    return partial(WebrtcCarrier, settings=settings) if _is_on(settings) else None


def described(settings: Settings) -> dict[str, Any] | None:
    """What the other end needs to know for an offer: the servers, and how long a connection may take."""
    if not _is_on(settings):
        return None
    return {"ice_servers": ice_servers(settings), "seconds": settings.live_webrtc_seconds}


def _is_on(settings: Settings) -> bool:
    return settings.live_webrtc_seconds > 0 and can_answer()


class WebrtcCarrier(Carrier):
    """Carries one conversation's frames, while there is a connection to its other end."""

    def __init__(self, conversation: CarriedConversation, settings: Settings) -> None:
        from studio.live.webrtc.peer import LivePeer

        self._conversation, self._settings = conversation, settings
        self._peer: LivePeer | None = None
        self._telling: set[asyncio.Task[None]] = set()

    async def answer(self, sdp: str) -> str:
        """See `Carrier.answer`."""
        from studio.live.webrtc.peer import LivePeer

        peer = await LivePeer.answer(
            sdp,
            fps=self._conversation.session.settings.FPS,
            settings=self._settings,
            on_sound=self._hear,
            on_state=self._told,
        )
        before, self._peer = self._peer, peer
        self._conversation.carry(None)
        if before is not None:
            await before.close()
        return peer.description

    async def close(self) -> None:
        """See `Carrier.close`."""
        self._conversation.carry(None)
        peer, self._peer = self._peer, None
        if peer is not None:
            await peer.close()

    async def _hear(self, pcm16: bytes, rate: int) -> None:
        await self._conversation.sound.add(pcm16, rate, None)

    def _told(self, state: str) -> None:
        """The connection's state is another. "connected" carries the frames, any other one does not."""
        peer = self._peer
        self._conversation.carry(peer.show if peer is not None and state == "connected" else None)
        task = asyncio.create_task(self._tell(state))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, state: str) -> None:
        try:
            await self._conversation.tell("webrtc", state=state)
        except (SessionOver, LiveEnded):
            return  # the conversation itself finds out
