"""A room without a server, and an agent's playback in it. Everything else is LiveKit's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from livekit import rtc
from livekit.agents.voice.io import PlaybackFinishedEvent

from fake_server import FakeServer, fake_server
from joystudio_livekit import AvatarVoice

RATE = 24000


class FakePublication:
    """A track that is published. It has a subscriber at once."""

    def __init__(self, track: rtc.LocalAudioTrack | rtc.LocalVideoTrack) -> None:
        self.track, self.kind, self.sid = track, track.kind, "published"

    async def wait_for_subscription(self) -> None:
        """There is one."""


class TextWriter:
    """What an agent says, as text."""

    async def write(self, _: str) -> None:
        """No participant reads it."""

    async def aclose(self, **_: Any) -> None:
        """It is complete."""


class FakeParticipant:
    """The agent."""

    identity, kind = "agent", rtc.ParticipantKind.PARTICIPANT_KIND_AGENT

    def __init__(self) -> None:
        self.track_publications: dict[str, FakePublication] = {}

    async def publish_track(
        self, track: rtc.LocalAudioTrack | rtc.LocalVideoTrack, _: rtc.TrackPublishOptions
    ) -> FakePublication:
        """Note it."""
        publication = FakePublication(track)
        self.track_publications[track.name] = publication
        return publication

    async def set_attributes(self, _: dict[str, str]) -> None:
        """No participant sees them."""

    async def stream_text(self, **_: Any) -> TextWriter:
        """No participant reads it."""
        return TextWriter()


class FakeRoom(rtc.Room):
    """A room that is connected, with no participant but the agent."""

    def __init__(self) -> None:
        super().__init__()
        self._agent = FakeParticipant()

    @property
    def name(self) -> str:
        return "room"

    @property
    def local_participant(self) -> Any:
        return self._agent

    def isconnected(self) -> bool:
        return True


class Playback:
    """What an agent hears of its voice: how each segment ended."""

    def __init__(self, voice: AvatarVoice) -> None:
        self.finished: asyncio.Queue[PlaybackFinishedEvent] = asyncio.Queue()
        voice.on("playback_finished", self.finished.put_nowait)

    async def next(self) -> PlaybackFinishedEvent:
        """How the next segment ended."""
        return await self.finished.get()


def sound(seconds: float, level: int = 1000, channels: int = 1, rate: int = RATE) -> rtc.AudioFrame:
    """Sound as an agent makes it."""
    count = round(seconds * rate)
    return rtc.AudioFrame(level.to_bytes(2, "little", signed=True) * count * channels, rate, channels, count)


def levels(frame: rtc.AudioFrame) -> set[int]:
    """The values of the samples of a sound."""
    return set(frame.data)


def with_fake(test: Callable[[FakeServer], Awaitable[None]]) -> Callable[[], None]:
    """Run a test with a server of its own, no longer than it may take."""

    @wraps(test)
    def run() -> None:
        async def with_server() -> None:
            async with asyncio.timeout(60), fake_server() as server:
                await test(server)

        asyncio.run(with_server())

    del run.__wrapped__  # pytest would look for a fixture
    return run


__all__ = ["FakeRoom", "Playback", "levels", "sound", "with_fake"]
