"""An agent's voice on its way to the portrait."""

from __future__ import annotations

import asyncio

from livekit.agents.voice.avatar import QueueAudioOutput
from livekit.agents.voice.io import PlaybackFinishedEvent


class AvatarVoice(QueueAudioOutput):
    """LiveKit's queue, which reports every segment as finished.

    LiveKit's own leaves out those that are cleared before the runner has seen them, and an agent waits for
    them without end.
    """

    def __init__(self, *, sample_rate: int) -> None:
        super().__init__(sample_rate=sample_rate)
        self._finished = 0
        self._settling: set[asyncio.Task[None]] = set()
        self.on("playback_finished", self._count)

    def _count(self, _: PlaybackFinishedEvent) -> None:
        self._finished += 1

    def clear_buffer(self) -> None:
        """Drop all sound that waits."""
        super().clear_buffer()
        # The runner's own report comes from a task that it made just now, before this one.
        task = asyncio.create_task(self._settle(self.captured_playout_segments))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, captured: int) -> None:
        while self._finished < captured:
            self.on_playback_finished(playback_position=0.0, interrupted=True)
