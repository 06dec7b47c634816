"""One WebRTC connection of a live session, from its offer to its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.rtcconfiguration import RTCBundlePolicy

from studio.live.frame import LiveFrame
from studio.live.webrtc.ice import ice_servers
from studio.live.webrtc.microphone import Hear, listen
from studio.live.webrtc.offers import checked_offer, unusable
from studio.live.webrtc.tracks import WebRtcPictureTrack, WebRtcSoundTrack
from studio.settings import Settings

_log = logging.getLogger("joystudio.live")


class PeerState(StrEnum):
    """CONNECTING until both ends found each other, then CONNECTED. UNREACHABLE: they did not in time. GONE:
    the other end closed the connection, or nothing came from it for 30 seconds. The last two are final.
    """

    CONNECTING = "connecting"
    CONNECTED = "connected"
    UNREACHABLE = "unreachable"
    GONE = "gone"


class LivePeer:
    """The other end of a session's pictures and sound. Make one with `answer`; belongs to its event loop."""

    def __init__(
        self, fps: int, settings: Settings, on_sound: Hear | None, on_state: Callable[[PeerState], Any]
    ) -> None:
        """See `answer`."""
        servers = [RTCIceServer(**server) for server in ice_servers(settings)]
        self._connection = RTCPeerConnection(
            RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._picture, self._sound = WebRtcPictureTrack(fps), WebRtcSoundTrack(fps)
        self._on_sound, self._report = on_sound, on_state
        self._patience = settings.live_webrtc_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Task[None] | None = None
        self.state = PeerState.CONNECTING

    @classmethod
    async def answer(
        cls,
        offer: Any,
        *,
        fps: int,
        settings: Settings,
        on_sound: Hear | None = None,
        on_state: Callable[[PeerState], Any] = lambda _: None,
    ) -> LivePeer:
        """Answer the SDP of an offer that has its candidates in it. `description` is the answer.

        fps: the session's. on_sound: takes the sound of the offer's microphone, if it has one; None asks for
        none.
        on_state: called with each new state. Raises OptionError for an offer that cannot be used.
        """
        sdp = checked_offer(offer)
        peer = cls(fps, settings, on_sound, on_state)
        try:
            await peer._negotiate(sdp)
        except BaseException:
            await peer.close()
            raise
        peer._start(peer._give_up())
        return peer

    async def _negotiate(self, sdp: str) -> None:
        connection = self._connection
        connection.on("connectionstatechange", self._on_connection_state)
        connection.on("track", self._on_track)
        sound = connection.addTransceiver(self._sound, direction="sendrecv" if self._on_sound else "sendonly")
        picture = connection.addTransceiver(self._picture, direction="sendonly")
        capabilities = RTCRtpSender.getCapabilities
        sound.setCodecPreferences([c for c in capabilities("audio").codecs if c.mimeType == "audio/opus"])
        # Half a core for H.264 is a quarter of that for VP8.
        order = ("video/VP8", "video/rtx", "video/H264")
        codecs = [c for c in capabilities("video").codecs if c.mimeType in order]
        picture.setCodecPreferences(sorted(codecs, key=lambda codec: order.index(codec.mimeType)))
        try:
            await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            answer = await connection.createAnswer()
        except Exception as error:  # what an offer may lack is spread over the package
            raise unusable() from error
        await connection.setLocalDescription(answer)

    @property
    def description(self) -> str:
        """The answer's SDP, with this end's candidates in it."""
        return self._connection.localDescription.sdp

    def show(self, frame: LiveFrame) -> None:
        """Send a frame's picture and sound. Without a connection, it does nothing. It never waits."""
        if self.state is PeerState.CONNECTED:
            self._picture.show(frame)
            self._sound.play(frame)

    async def close(self) -> None:
        """End the connection; `on_state` is not called any more."""
        self._report = lambda _: None
        self.state = PeerState.GONE
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._picture.stop()
        self._sound.stop()
        await self._closed()

    async def _closed(self) -> None:
        """Close the connection once: if a first call of its `close` is cancelled, a second one never ends."""
        self._closing = self._closing or asyncio.create_task(self._connection.close())
        await asyncio.shield(self._closing)

    def _on_track(self, track: Any) -> None:
        if track.kind == "audio" and self._on_sound is not None:
            self._start(listen(track, self._on_sound))

    def _on_connection_state(self) -> None:
        found = self._connection.connectionState
        if found == "connected" and self.state is PeerState.CONNECTING:
            self._become(PeerState.CONNECTED)
        elif found in ("failed", "closed"):
            self._end(PeerState.UNREACHABLE if self.state is PeerState.CONNECTING else PeerState.GONE)

    async def _give_up(self) -> None:
        await asyncio.sleep(self._patience)
        if self.state is PeerState.CONNECTING:
            self._end(PeerState.UNREACHABLE)

    def _end(self, state: PeerState) -> None:
        if self.state in (PeerState.CONNECTING, PeerState.CONNECTED):
            self._become(state)
            self._start(self._closed())

    def _become(self, state: PeerState) -> None:
        _log.debug("A WebRTC connection of a live session is %s.", state)
        self.state = state
        self._report(state)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
