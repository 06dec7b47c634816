"""What a program does that records a session: it speaks, and finds its recordings again."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.events import Result
from studio.live.socket import Client
from tests.studio.live.socket.other_end import OtherEnd

RATE = 24000


def owned(result: Result, owner: str) -> dict[str, Any]:
    return {"address": f"of {owner}"}


PROGRAM = Client("ann", owner_of=lambda token: (f"owner of {token}", f"new for {token}"), described=owned)


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return np.rint(12000 * np.sin(2 * np.pi * 440 * t)).astype("<i2")


async def speak(end: OtherEnd, sound: np.ndarray, rate: int = RATE) -> None:
    """Say it, and read up to its end."""
    end.say({"type": "audio", "sample_rate": rate}, sound.tobytes(), {"type": "flush"})
    await end.event("format")
    await end.event("started")
    await end.event("finished")


async def record(end: OtherEnd) -> str:
    """Begin a recording and speak into it. Returns its id; it still runs."""
    end.say({"type": "record"})
    ident: str = (await end.event("recording"))["id"]
    await speak(end, tone(0.4))
    return ident


def full(*_: object) -> None:
    """Write to a disk without space."""
    raise OSError(28, "No space left on device")
