"""Measures a live session over a real WebSocket: python -m benchmarks.live_socket

The server is a process of its own, with the page's route and the processes that paint; its processor time and
theirs are counted, in shares of one core. The client speaks by the clock, 20 ms of sound every 20 ms. Delays
are wall time between the two on this machine, and depend on everything else that it does.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

import numpy as np
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.figures import ROOT, Figure, parser, report
from benchmarks.live import PORTRAIT, voice
from benchmarks.live_at_once import PIECE, RATE
from studio.live.socket.frames import HEADER, NO_DELAY, PICTURE, SPEAKING
from studio.settings import Settings

SECONDS = 20.0
LOOK_AHEAD, FRAME, HEARING = 0.08, 0.04, 0.0015
"""Seconds; the last is what the way to 16 kHz needs after a frame's sound."""
FROM_SOUND, FROM_MICROPHONE = 20.0, 170.0
"""The gates of 95 of 100 frames, in milliseconds."""
SPEAKS, RESTS = 0.30, 0.12
"""Those of the shares of one core."""


@dataclass
class SocketReadings:
    """What the client got. Delays in milliseconds."""

    frames: int = 0
    pictures: int = 0
    size: int = 0
    from_sound: list[float] = field(default_factory=list)
    from_microphone: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)


def serve(listening: int, *, compressed: bool) -> None:
    """Serve live sessions on a socket, until the process is ended."""
    import uvicorn
    from starlette.applications import Starlette

    from ui.server.live_sockets import hosting, live_routes
    from ui.server.upload_ledger import Ledger

    settings = Settings()
    app = Starlette(routes=live_routes(settings, Ledger(settings)), lifespan=hosting(settings))
    config = uvicorn.Config(app, fd=listening, log_level="warning", ws_per_message_deflate=compressed)
    uvicorn.Server(config).run()


@contextmanager
def served(*, compressed: bool = False) -> Iterator[tuple[int, str]]:
    """A server's process, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-m", "benchmarks.live_socket", "--serve", str(listening.fileno())]
        command += ["--compressed"] * compressed
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[listening.fileno()])
        try:
            yield process.pid, f"ws://127.0.0.1:{listening.getsockname()[1]}/live/v1"
        finally:
            process.terminate()
            process.wait(30)


def processor_seconds(pid: int) -> float:
    """Of a process and of those that it started and still run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return own + sum(processor_seconds(int(child)) for one in children for child in one.read_text().split())


async def opened(live: ClientConnection) -> float:
    """Open the example portrait. Returns the seconds to the first picture."""
    began = time.monotonic()
    await live.send(json.dumps({"type": "open", "consent": True}))
    await live.send(PORTRAIT.read_bytes())
    while not isinstance(message := await live.recv(), bytes):
        assert json.loads(message)["type"] == "ready", message
    return time.monotonic() - began


async def speak(live: ClientConnection, pcm: bytes, sent: list[float]) -> None:
    """Send a voice as fast as it is spoken. sent: when each piece was."""
    await live.send(json.dumps({"type": "audio", "sample_rate": RATE}))
    size, begun = 2 * round(PIECE * RATE), time.monotonic()
    for number, start in enumerate(range(0, len(pcm), size)):
        await asyncio.sleep(begun + number * PIECE - time.monotonic())
        sent.append(time.monotonic())
        await live.send(pcm[start : start + size])
    await live.send(json.dumps({"type": "flush"}))


async def watch(live: ClientConnection, until: str | float, sent: list[float]) -> SocketReadings:
    """Read frames until an event of this type, or for these seconds."""
    seen, spoken, begun = SocketReadings(), 0, time.monotonic()
    while isinstance(until, str) or time.monotonic() - begun < until:
        message = await live.recv()
        now = time.monotonic()
        if isinstance(message, str):
            if json.loads(message)["type"] == until:
                break
            continue
        _, flags, _, delay, _ = HEADER.unpack_from(message)
        seen.frames += 1
        seen.size += len(message)
        seen.pictures += bool(flags & PICTURE)
        if flags & SPEAKING:
            complete = ceil((spoken * FRAME + FRAME + LOOK_AHEAD + HEARING) / PIECE) - 1
            if complete < len(sent):
                seen.from_sound.append(1000 * (now - sent[complete]))
                # The first sample of a piece was in the microphone for as long as the piece lasts.
                seen.from_microphone.append(1000 * (now - sent[round(spoken * FRAME / PIECE)] + PIECE))
            if delay != NO_DELAY:
                seen.painted.append(delay)
            spoken += 1
    return seen


async def measured(address: str, pid: int) -> tuple[float, SocketReadings, float, SocketReadings, float]:
    """Seconds to the first picture; what was seen and the share of one core, speaking and in silence."""
    compression = "deflate" if address.endswith("?compressed") else None
    async with connect(address, compression=compression, max_size=None, proxy=None) as live:
        first = await opened(live)
        began, sent = processor_seconds(pid), list[float]()
        speaking = asyncio.create_task(speak(live, voice(SECONDS), sent))
        seen = await watch(live, "finished", sent)
        await speaking
        share = (processor_seconds(pid) - began) / SECONDS
        await watch(live, 5.0, [])
        began = processor_seconds(pid)
        rest = await watch(live, SECONDS, [])
        return first, seen, share, rest, (processor_seconds(pid) - began) / SECONDS


def figures() -> Iterator[Figure]:
    """Measure, one figure after the other."""
    with served() as (pid, address):
        first, seen, share, rest, idle = asyncio.run(measured(address, pid))
    yield Figure("a session that speaks: share of one core", share, "", SPEAKS, at_least=False)
    yield Figure("  pictures sent, of the frames", 100 * seen.pictures / seen.frames, "%")
    yield Figure("  Mbit per second", 8e-6 * seen.size / SECONDS)
    for name, delays, most in (
        ("sound complete to picture painted", seen.painted, None),
        ("sound complete to frame received", seen.from_sound, FROM_SOUND),
        ("microphone to frame received", seen.from_microphone, FROM_MICROPHONE),
    ):
        yield Figure(f"  {name}, median", float(np.median(delays)), "ms")
        yield Figure("  the same, 95 of 100", float(np.percentile(delays, 95)), "ms", most, at_least=False)
    yield Figure("a session in silence: share of one core", idle, "", RESTS, at_least=False)
    yield Figure("  pictures sent, of the frames", 100 * rest.pictures / rest.frames, "%")
    yield Figure("from open to the first picture, with the start of a painter", 1000 * first, "ms")
    with served(compressed=True) as (pid, address):
        _, _, share, _, _ = asyncio.run(measured(f"{address}?compressed", pid))
    yield Figure("a session that speaks, if the socket compressed it as well", share, "")


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--serve", type=int, metavar="FD", help="be the server, on this socket")
    arguments.add_argument("--compressed", action="store_true", help="as the server: compress messages")
    chosen = arguments.parse_args()
    if chosen.serve is not None:
        serve(chosen.serve, compressed=chosen.compressed)
        return 0
    return report(figures(), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
