"""Records what a conversation shows, when its other end asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.errors import LiveMessageError
from studio.live.frame import LiveFrame
from studio.live.recording import LiveRecording
from studio.live.session import LiveSession
from studio.live.socket.connection import Client
from studio.live.socket.failures import explained, logged
from studio.live.socket.messages import StartRecording
from studio.live.socket.messenger import Messenger
from studio.live.socket.tickets import SessionArguments
from studio.settings import Settings


@dataclass(frozen=True)
class _Owned:
    """A recording, whose it is, and the token that its owner gets with it, or ""."""

    recording: LiveRecording
    owner: str
    new_token: str


class Recorder:
    """The recordings of one conversation, one after the other."""

    def __init__(
        self,
        messenger: Messenger,
        session: LiveSession,
        opening: SessionArguments,
        client: Client,
        settings: Settings,
    ) -> None:
        self._messenger, self._session, self._opening = messenger, session, opening
        self._client, self._settings, self._outcomes = client, settings, opening.outcomes
        self._runs: _Owned | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, message: StartRecording) -> None:
        """Begin to record, and say so. Raises LiveMessageError, OptionError and OutputError."""
        if self._runs is not None:
            raise LiveMessageError("This session is being recorded already. Stop that first.")
        if self._settings.live_record_minutes == 0:
            raise LiveMessageError("This server records no live sessions.")
        owner, new_token = self._opening.owner, ""
        if not owner:
            owner, new_token = self._client.owner_of(message.owner_token)
        portrait = self._opening.portrait
        recording = await LiveRecording.begin(
            self._session.origin,
            self._session.get_first_frame(),
            self._session.settings.FPS,
            self._settings,
            owner=owner,
            portrait=portrait.name if isinstance(portrait, Path) else "",
        )
        self._runs = _Owned(recording, owner, new_token)
        self._start(self._watch(recording))
        await self._messenger.tell(
            "recording", id=recording.id, seconds=self._settings.live_record_minutes * 60
        )

    async def _watch(self, recording: LiveRecording) -> None:
        """Report a recording that fails before its end."""
        await recording.written()
        if self._runs is not None and self._runs.recording is recording:
            self._finish()

    def add(self, frame: LiveFrame, *, silenced: bool = False) -> None:
        """Record a frame, if that was asked for. A recording that is full ends."""
        if self._runs is not None:
            self._runs.recording.add(frame, silenced=silenced)
            if self._runs.recording.full:
                self._finish()

    async def room(self) -> None:
        """Wait until the next frame can be recorded with its picture, if one is recorded."""
        if self._runs is not None:
            await self._runs.recording.room()

    def stop(self) -> None:
        """End the recording; `recorded` follows. Raises LiveMessageError if there is none."""
        if self._runs is None:
            raise LiveMessageError("This session is not being recorded.")
        self._finish()

    def _finish(self) -> None:
        owned, self._runs = self._runs, None
        if owned is not None:
            self._start(self._finished(owned))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finished(self, owned: _Owned) -> None:
        try:
            result = await owned.recording.finish()
        except Exception as error:
            failure, ident = explained(error), owned.recording.id
            await self._outcomes.say(lambda messenger: messenger.complain(failure, id=ident))
            return
        with logged():  # the video is there
            await asyncio.to_thread(self._client.kept, result, self._opening)
        fields = {"id": result.job_id, "seconds": round(result.duration, 3), "frames": result.frames}
        fields |= self._client.described(result, owned.owner)
        fields["notes"] = [self._messenger.worded(note) for note in result.notes]
        if owned.new_token:
            fields["owner_token"] = owned.new_token
        await self._outcomes.say(lambda messenger: messenger.tell("recorded", **fields))

    async def close(self) -> None:
        """Keep the recording of a session that ends, and wait for it."""
        self._finish()
        while self._tasks:
            await asyncio.wait(self._tasks)
