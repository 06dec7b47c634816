"""The picture and the sound that a peer sends, as aiortc's tracks."""

from __future__ import annotations

import asyncio
from collections import deque

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from studio.live.frame import LiveFrame
from studio.live.webrtc.pictures import PictureConverter
from studio.live.webrtc.sound import OpusPackets

REST = 0.4
"""Seconds after which a picture that stays the same is sent again, for a decoder that lost the last one."""
_PACKET_SECONDS = 0.02
_MOST_PACKETS = 50
"""Packets that wait at most: a second of sound."""


class WebRtcPictureTrack(MediaStreamTrack):
    """Sends the newest picture. One that stays the same is sent again only every `REST` seconds.

    Its time stamps are those of the frames, `frame_index` / fps seconds.
    """

    kind = "video"

    def __init__(self, fps: int) -> None:
        super().__init__()
        self._converter = PictureConverter(fps)
        self._rest = max(1, round(REST * fps))
        self._seen: np.ndarray | None = None
        self._next: tuple[np.ndarray, int] | None = None
        self._sent_at = 0
        self._news = asyncio.Event()

    def show(self, frame: LiveFrame) -> None:
        """Send this frame's picture, if that is worth it."""
        image = self._seen if frame.rgb_image is None else frame.rgb_image
        if image is None:
            return
        if image is not self._seen or frame.frame_index - self._sent_at >= self._rest:
            self._seen, self._sent_at = image, frame.frame_index
            self._next = image, frame.frame_index
            self._news.set()

    @property
    def has_news(self) -> bool:
        """Whether a picture waits to be encoded."""
        return self._next is not None

    async def recv(self) -> av.VideoFrame:
        """The next picture in yuv420p."""
        while self._next is None and self.readyState == "live":
            self._news.clear()
            await self._news.wait()
        if self._next is None:
            raise MediaStreamError
        (image, index), self._next = self._next, None
        # In the thread where aiortc encodes it: the event loop carries every session of a server.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, self._converter.convert, image, index)

    def stop(self) -> None:
        """Nothing is sent any more."""
        super().stop()
        self._news.set()


class WebRtcSoundTrack(MediaStreamTrack):
    """Sends the frames' sound in packets of 20 ms.

    A frame brings two packets. The second is sent 20 ms later: from the packets' times, a browser estimates
    how much sound it has to hold back, and how sound and picture belong together.
    """

    kind = "audio"

    def __init__(self, fps: int) -> None:
        super().__init__()
        self._opus = OpusPackets(fps)
        self._later: deque[av.Packet] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._packets: asyncio.Queue[av.Packet | None] = asyncio.Queue()

    def play(self, frame: LiveFrame) -> None:
        """Send this frame's sound."""
        while self._later:
            self._send_one()
        self._later += self._opus.add(frame)
        self._send_next()

    def _send_next(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._later:
            self._send_one()
        if self._later:
            self._timer = asyncio.get_running_loop().call_later(_PACKET_SECONDS, self._send_next)

    def _send_one(self) -> None:
        if self._packets.qsize() >= _MOST_PACKETS:
            self._packets.get_nowait()
        self._packets.put_nowait(self._later.popleft())

    async def recv(self) -> av.Packet:
        """The next packet of Opus."""
        packet = await self._packets.get() if self.readyState == "live" else None
        if packet is None:
            raise MediaStreamError
        return packet

    def stop(self) -> None:
        """Nothing is sent any more."""
        super().stop()
        if self._timer is not None:
            self._timer.cancel()
        self._later.clear()
        self._packets.put_nowait(None)
