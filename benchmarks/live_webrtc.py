"""Measures a live session that a browser would watch: python -m benchmarks.live_webrtc

The viewer is a process of its own, an RTCPeerConnection of aiortc, so that its decoding is not counted. It
sends the microphone's sound as the page does, in pieces of 10 ms beside the WebRTC connection. Processor time
is that of this process, in shares of one core: session, painting, VP8, Opus, encryption and packets.

The delay is that of the first sample of a frame's sound, from when it came into the microphone to when the
last packet of the frame's picture reached the viewer. It goes by the clock, so other programs change it. For
it, each picture has its frame's number drawn into a corner.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.figures import Figure, parser, report
from benchmarks.live import PORTRAIT, RATE, voice
from benchmarks.live_viewer import SIZE, marked
from media.portrait import Portrait, open_portrait
from studio.live import LiveFrame, LiveSession
from studio.live.webrtc.peer import LivePeer, PeerState
from studio.settings import Settings

SECONDS = 20.0
SETTLING = 3.0
"""Seconds before a stretch is measured: connecting, the first key frame."""
BACKLOG_MS = 120
"""As the page's."""
LOOK_AHEADS = 40, 80


@dataclass
class Stretch:
    """What was measured while a viewer watched."""

    processor: float = 0.0
    """Share of one core."""
    sent: int = 0
    """Frames whose picture changed, and how many of them there were per second."""
    rate: float = 0.0
    positions: dict[int, float] = field(default_factory=dict)
    """Seconds of the microphone's sound before a frame, by its number."""
    dropped: int = 0
    viewer: dict[str, Any] = field(default_factory=dict)
    """What the viewer reports, see `benchmarks.live_viewer`."""

    @property
    def delays(self) -> np.ndarray:
        """Milliseconds, of the frames that speak."""
        begun = self.viewer["begun"]
        seen = [(at, self.positions.get(number)) for number, at in self.viewer["pictures"]]
        return np.array([1000 * (at - begun - position) for at, position in seen if position is not None])


class Viewer:
    """The other process, and the connection to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, process.stdout

    async def tell(self, **message: Any) -> None:
        """Send one line of JSON."""
        self._to.write(json.dumps(message).encode() + b"\n")
        await self._to.drain()

    async def told(self) -> dict[str, Any]:
        """The next line."""
        message: dict[str, Any] = json.loads(await self._from.readline())
        return message

    async def hear(self, session: LiveSession) -> dict[str, Any]:
        """Push the microphone's sound until the viewer is done. Returns its report."""
        while size := SIZE.unpack(await self._from.readexactly(SIZE.size))[0]:
            await session.push_audio(await self._from.readexactly(size), RATE)
        return await self.told()


@asynccontextmanager
async def viewer_of(seconds: float, pcm: bytes) -> AsyncIterator[Viewer]:
    """A viewer that speaks `pcm` and watches for so long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "benchmarks.live_viewer", str(seconds), str(RATE)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    viewer = Viewer(process)
    try:
        await viewer.tell(voice=len(pcm))
        assert process.stdin is not None
        process.stdin.write(pcm)
        yield viewer
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def watched(
    portrait: Portrait, pcm: bytes, *, look_ahead: float = 80, numbered: bool = False
) -> Stretch:
    """A session whose viewer speaks `pcm`, or nothing."""
    seconds = SETTLING + SECONDS
    found = Stretch()
    connected = asyncio.Event()

    def told(state: PeerState) -> None:
        if state is not PeerState.CONNECTED:
            raise RuntimeError(f"the viewer is {state}")
        connected.set()

    async with (
        viewer_of(seconds, pcm) as viewer,
        await LiveSession.open(portrait, look_ahead_ms=look_ahead, max_backlog_ms=BACKLOG_MS) as session,
    ):
        peer = await LivePeer.answer(
            (await viewer.told())["offer"], fps=session.settings.FPS, settings=Settings(), on_state=told
        )
        await viewer.tell(answer=peer.description)
        showing = asyncio.create_task(show(session, peer, found, numbered))
        try:
            await connected.wait()
            hearing = asyncio.create_task(viewer.hear(session))
            await asyncio.sleep(SETTLING)
            sent = found.sent
            began, processor = time.monotonic(), time.process_time()
            await asyncio.sleep(SECONDS - 1)
            passed = time.monotonic() - began
            found.processor = (time.process_time() - processor) / passed
            found.rate = (found.sent - sent) / passed
            found.viewer = await hearing
        finally:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
            await peer.close()
        found.dropped = session.dropped_pictures
    return found


async def show(session: LiveSession, peer: LivePeer, found: Stretch, numbered: bool) -> None:
    """Send the session's frames."""
    async for frame in session.run():
        peer.show(with_number(frame) if numbered else frame)
        found.sent += frame.changed
        if frame.speaking:
            found.positions[frame.frame_index] = frame.position


def with_number(frame: LiveFrame) -> LiveFrame:
    """The frame with its number in the picture."""
    image = frame.rgb_image
    return frame if image is None else replace(frame, rgb_image=marked(image, frame.frame_index))


def details(stretch: Stretch) -> Iterator[Figure]:
    """What a share of processor time was for."""
    yield Figure("  pictures that change", stretch.rate, "/s")
    yield Figure("  frames without a picture", float(stretch.dropped))


def figures() -> Iterator[Figure]:
    """Measure, one figure after the other."""
    portrait = open_portrait(PORTRAIT)
    speech, silence = voice(SETTLING + SECONDS), bytes(2 * round(RATE * (SETTLING + SECONDS)))
    talks = asyncio.run(watched(portrait, speech))
    yield Figure("a session that speaks, with WebRTC: share of one core", talks.processor, "", 0.3, False)
    yield from details(talks)
    listens = asyncio.run(watched(portrait, silence))
    yield Figure("a silent microphone: share of one core", listens.processor, "", 0.12, False)
    yield from details(listens)
    idle = asyncio.run(watched(portrait, b""))
    yield Figure("no microphone, or a muted one: share of one core", idle.processor, "", 0.12, False)
    yield from details(idle)
    for look_ahead in LOOK_AHEADS:
        late = asyncio.run(watched(portrait, speech, look_ahead=look_ahead, numbered=True))
        gates = (None, 170.0) if look_ahead == 80 else (None, None)
        for share, gate in zip((50, 95), gates, strict=True):
            name = f"{look_ahead} ms look-ahead: microphone to picture, {share} of 100"
            yield Figure(name, float(np.percentile(late.delays, share)), "ms", gate, False)
        yield Figure("  pictures measured", float(len(late.delays)))
        yield Figure("  frames without a picture", float(late.dropped))


def main() -> int:
    chosen = parser(__doc__ or "").parse_args()
    return report(figures(), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
