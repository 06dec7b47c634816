"""A browser's end of a WebRTC connection, and frames whose picture says their number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from studio.live import LiveFrame
from studio.live.webrtc.microphone import Hear
from studio.live.webrtc.peer import LivePeer, PeerState
from studio.settings import Settings

BITS = 8
SIDE = 128


def numbered(index: int, samples: np.ndarray, rate: int = 48000, **how: Any) -> LiveFrame:
    """A frame whose picture shows the bits of its number as bars."""
    bars = [255 * (index >> bit & 1) for bit in range(BITS)]
    image = np.repeat(np.array(bars, np.uint8), SIDE // BITS)[None, :, None]
    return LiveFrame(index, np.tile(image, (SIDE, 1, 3)), True, samples, rate, **how)


def number_in(picture: av.VideoFrame) -> int:
    """The number that a received picture shows."""
    columns = picture.to_ndarray(format="gray").reshape(SIDE, BITS, -1).mean(axis=(0, 2))
    return sum(1 << bit for bit, light in enumerate(columns) if light > 128)


@dataclass
class Viewer:
    """What arrives."""

    connection: RTCPeerConnection
    pictures: list[av.VideoFrame] = field(default_factory=list)
    sounds: list[av.AudioFrame] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    told: list[PeerState] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.connection.on("connectionstatechange", self.came.set)
        self.connection.on("track", lambda track: self._tasks.append(asyncio.create_task(self._read(track))))

    async def _read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    self.pictures.append(frame)
                elif isinstance(frame, av.AudioFrame):
                    self.sounds.append(frame)
                self.came.set()
        except MediaStreamError:
            pass

    def tell(self, state: PeerState) -> None:
        self.told.append(state)
        self.came.set()

    async def until(self, condition: Any) -> None:
        """Wait until it is true, which only what arrives can make it."""
        while not condition():
            self.came.clear()
            await self.came.wait()

    def sound(self) -> np.ndarray:
        """The left channel of all that came."""
        return np.concatenate([frame.to_ndarray()[0, ::2] for frame in self.sounds])


async def offer_of(connection: RTCPeerConnection, microphone: MediaStreamTrack | None = None) -> str:
    """Its SDP, with its candidates."""
    connection.addTransceiver(microphone or "audio", direction="sendrecv" if microphone else "recvonly")
    connection.addTransceiver("video", direction="recvonly")
    await connection.setLocalDescription(await connection.createOffer())
    return connection.localDescription.sdp


@asynccontextmanager
async def viewing(
    microphone: MediaStreamTrack | None = None, hear: Hear | None = None, *, addresses: bool = True
) -> AsyncIterator[tuple[Viewer, LivePeer]]:
    """A viewer that is connected. addresses: whether its offer says where it is."""
    viewer = Viewer(RTCPeerConnection(RTCConfiguration(iceServers=[])))
    offer = await offer_of(viewer.connection, microphone)
    if not addresses:
        offer = "".join(line for line in offer.splitlines(keepends=True) if "candidate:" not in line)
    peer = await LivePeer.answer(offer, fps=25, settings=Settings(), on_state=viewer.tell, on_sound=hear)
    try:
        await viewer.connection.setRemoteDescription(RTCSessionDescription(peer.description, "answer"))
        await viewer.until(lambda: PeerState.CONNECTED in viewer.told)
        yield viewer, peer
    finally:
        await peer.close()
        await viewer.connection.close()
