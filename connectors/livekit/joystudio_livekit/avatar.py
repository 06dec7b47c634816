"""An agent's avatar: opens the portrait, and puts it between the agent's voice and its room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livekit import rtc
from livekit.agents import AgentSession
from livekit.agents.voice.avatar import AvatarRunner, AvatarSession

from joystudio_live import LiveSession
from joystudio_livekit.generator import JoyStudioVideoGenerator
from joystudio_livekit.voice import AvatarVoice

_log = logging.getLogger("joystudio_livekit")


class JoyStudioAvatar(AvatarSession):
    """A JoyStudio portrait for an agent. The agent itself publishes its pictures and its voice.

    avatar = JoyStudioAvatar(address="http://127.0.0.1:7860", portrait="me.jpg", consent=True)
    await avatar.start(agent_session, room=ctx.room)  # before agent_session.start(...)

    sample_rate: of the voice that LiveKit makes for the portrait, and of what the room hears. The other
    arguments are those of `joystudio_live.LiveSession.open`; the lead keeps LiveKit's queue of 100 ms filled.
    Inside a job, `aclose` also takes the avatar's participant out of the room, and that is the agent: it is
    called when the job ends.
    """

    def __init__(
        self,
        *,
        address: str,
        portrait: Path | str | bytes,
        consent: bool,
        engine: str = "preview",
        options: Mapping[str, Any] | None = None,
        seed: int = 0,
        look_ahead_ms: float = 80,
        lead_ms: float = 80,
        picture: str = "rgb",
        headers: Mapping[str, str] | None = None,
        sample_rate: int = 24000,
    ) -> None:
        super().__init__()
        self._address, self._portrait, self._sample_rate = address, portrait, sample_rate
        self._arguments: dict[str, Any] = {
            "consent": consent,
            "engine": engine,
            "options": options,
            "seed": seed,
            "look_ahead_ms": look_ahead_ms,
            "lead_ms": lead_ms,
            "picture": picture,
            "headers": headers,
        }
        self._identity = ""
        self._live: LiveSession | None = None
        self._runner: AvatarRunner | None = None
        self._clearing: set[asyncio.Task[None]] = set()

    @property
    def avatar_identity(self) -> str:
        """The agent's own."""
        return self._identity

    @property
    def provider(self) -> str:
        """For LiveKit's metrics."""
        return "joystudio"

    @property
    def live(self) -> LiveSession:
        """The open session, to change options in flight with `set_options`."""
        if self._live is None:
            raise RuntimeError("The avatar has not started. Call `await avatar.start(...)` first.")
        return self._live

    async def start(self, agent_session: AgentSession, room: rtc.Room) -> None:
        """Open the portrait and take over the agent's voice. Raises LiveError if it cannot be opened."""
        self._live = await LiveSession.open(self._address, self._portrait, **self._arguments)
        for note in self._live.notes:
            _log.info("%s", note)
        self._identity = room.local_participant.identity
        await super().start(agent_session, room)
        generator, voice = JoyStudioVideoGenerator(self._live), AvatarVoice(sample_rate=self._sample_rate)
        self._runner = AvatarRunner(
            room, audio_recv=voice, video_gen=generator, options=generator.options(self._sample_rate)
        )
        await self._runner.start()
        # The runner leaves up to 100 ms of an interrupted voice in its queue.
        voice.on("clear_buffer", self._clear)
        agent_session.output.replace_audio_tail(voice)

    def _clear(self) -> None:
        if self._runner is not None:
            task = asyncio.create_task(self._runner.av_sync.clear_queue())
            self._clearing.add(task)
            task.add_done_callback(self._clearing.discard)

    async def aclose(self) -> None:
        """Close the portrait. A second call does nothing."""
        live, runner = self._live, self._runner
        self._live = self._runner = None
        if runner is not None:
            await runner.aclose()
        if live is not None:
            await live.shutdown()
            await super().aclose()
