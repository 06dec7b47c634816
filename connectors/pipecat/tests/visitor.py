"""Who calls a bot, sees its portrait and hears its voice."""

from __future__ import annotations

import asyncio

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection

WINDOW = 480
"""Samples of 10 ms at 48 kHz."""
LOUD = 2000


class Visitor:
    """The other end of the connection. loud: for each 10 ms that were heard, whether there was sound."""

    def __init__(self) -> None:
        self.peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        for kind in ("audio", "video"):
            self.peer.addTransceiver(kind, direction="recvonly")
        self.peer.createDataChannel("signalling")
        self.peer.on("track", self._begin)
        self.loud: list[bool] = []
        self.pictures: list[np.ndarray] = []
        self.news = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    def _begin(self, track: MediaStreamTrack) -> None:
        reading = self._hear(track) if track.kind == "audio" else self._see(track)
        self._tasks.append(asyncio.create_task(reading))

    async def _hear(self, track: MediaStreamTrack) -> None:
        while True:
            frame = await track.recv()
            samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0].astype(float)
            async with self.news:
                for window in samples.reshape(-1, WINDOW):
                    self.loud.append(bool(np.sqrt(np.mean(window**2)) > LOUD))
                self.news.notify_all()

    async def _see(self, track: MediaStreamTrack) -> None:
        while True:
            picture = (await track.recv()).to_ndarray(format="rgb24")
            async with self.news:
                self.pictures.append(picture)
                self.news.notify_all()

    @classmethod
    async def ready(cls) -> Visitor:
        """A visitor with an offer."""
        visitor = cls()
        await visitor.peer.setLocalDescription(await visitor.peer.createOffer())
        return visitor

    async def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.peer.close()
