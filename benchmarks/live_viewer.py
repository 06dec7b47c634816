"""The viewer of `benchmarks.live_webrtc`: speaks into a live session and watches it.

It is started with the seconds to watch and the sound's rate, and talks by lines of JSON on its standard
streams: in come the number of bytes of its voice, the voice itself, and the answer to its offer; out go the
offer, the voice in pieces (each after its `SIZE`, and a size of 0 at the end), and a report: when the voice
begun, and each picture with when its last packet came, both in seconds of the machine's clock.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

PIECE = 0.01
SIZE = struct.Struct("<I")
"""Bytes of a piece. JSON would cost the server that is measured more than a page's messages do."""
BITS, BLOCK = 12, 16
_LOOKS = 0.001
_GAP = 0.004
"""Seconds without a packet between two pictures."""
_DECODED = 0.025
"""Seconds in which a picture is decoded, and less than a frame."""


def marked(image: np.ndarray, number: int) -> np.ndarray:
    """A copy of a picture with a number in its first rows, as black and white squares."""
    copy = image.copy()
    bits = np.array([255 * (number >> bit & 1) for bit in range(BITS)], np.uint8)
    copy[:BLOCK, : BITS * BLOCK] = np.repeat(bits, BLOCK)[None, :, None]
    return copy


def number_in(picture: av.VideoFrame) -> int:
    """The number that `marked` drew."""
    luma = picture.to_ndarray()[:BLOCK, : BITS * BLOCK].reshape(BLOCK, BITS, BLOCK)
    light = luma[4:-4, :, 4:-4].mean(axis=(0, 2))
    return sum(1 << bit for bit in range(BITS) if light[bit] > 128)


class Arrivals:
    """When packets came. aiortc gives a picture only when a packet of the next one has come."""

    def __init__(self) -> None:
        self._bursts: list[tuple[float, float]] = []
        """When the first and the last packet of each picture came."""

    async def watch(self, connection: RTCPeerConnection) -> None:
        count = 0
        while True:
            for one in (await connection.getStats()).values():
                if one.type == "inbound-rtp" and one.kind == "video" and one.packetsReceived != count:
                    count = one.packetsReceived
                    self._came(time.monotonic())
            await asyncio.sleep(_LOOKS)

    def _came(self, now: float) -> None:
        first, last = self._bursts[-1] if self._bursts else (0.0, 0.0)
        if now - last > _GAP:
            self._bursts = [*self._bursts[-3:], (now, now)]
        else:
            self._bursts[-1] = (first, now)

    def of_picture_given(self, now: float) -> float | None:
        """When the last packet came of a picture that is given now; None if that is not known."""
        if len(self._bursts) < 2:
            return None
        # The packet that it waited for may be counted already, or not yet.
        waited_for_is_counted = now - self._bursts[-1][0] < _DECODED
        return self._bursts[-2 if waited_for_is_counted else -1][1]


class ViewerReport:
    """What was seen."""

    def __init__(self) -> None:
        self.begun = 0.0
        self.pictures: list[tuple[int, float]] = []
        self.arrivals = Arrivals()

    async def read(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if isinstance(frame, av.VideoFrame):
                    came = self.arrivals.of_picture_given(time.monotonic())
                    if came is not None:
                        self.pictures.append((number_in(frame), came))
        except MediaStreamError:
            pass


async def streams() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The standard streams."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    return reader, asyncio.StreamWriter(transport, protocol, None, loop)


async def speak(pcm: bytes, rate: int, out: asyncio.StreamWriter, report: ViewerReport) -> None:
    """Send the voice as a microphone hears it: a piece when its last sample has come in."""
    report.begun, size = time.monotonic(), 2 * round(rate * PIECE)
    for number, start in enumerate(range(0, len(pcm), size), 1):
        await asyncio.sleep(report.begun + number * PIECE - time.monotonic())
        piece = pcm[start : start + size]
        out.write(SIZE.pack(len(piece)) + piece)
        await out.drain()


def line(**message: Any) -> bytes:
    return json.dumps(message).encode() + b"\n"


async def main(seconds: float, rate: int) -> None:
    given, out = await streams()
    pcm = await given.readexactly(json.loads(await given.readline())["voice"])
    report, tasks = ViewerReport(), []
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.on("track", lambda track: tasks.append(asyncio.create_task(report.read(track))))
    for kind in ("audio", "video"):
        connection.addTransceiver(kind, direction="recvonly")
    connected = asyncio.Event()

    def changed() -> None:
        if connection.connectionState == "connected":
            connected.set()

    connection.on("connectionstatechange", changed)
    await connection.setLocalDescription(await connection.createOffer())
    out.write(line(offer=connection.localDescription.sdp))
    answer = json.loads(await given.readline())["answer"]
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await connected.wait()
    tasks += [asyncio.create_task(report.arrivals.watch(connection))]
    speaking = asyncio.create_task(speak(pcm, rate, out, report))
    await asyncio.sleep(seconds)
    await speaking
    out.write(SIZE.pack(0) + line(begun=report.begun, pictures=report.pictures))
    await out.drain()
    for task in tasks:
        task.cancel()
    await connection.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]), int(sys.argv[2])))
