"""One open session and its connection: what comes is done, and frames and events are sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from media.errors import JoyStudioError, LiveEnded, LiveMessageError
from studio.live.frame import LiveFrame
from studio.live.session import LiveSession
from studio.live.socket import messages
from studio.live.socket.carrying import Carrying, Offers, Outlet
from studio.live.socket.connection import Closing
from studio.live.socket.failures import SessionOver, explained
from studio.live.socket.frames import PictureEncoder, packed
from studio.live.socket.lag import Lag
from studio.live.socket.messenger import Messenger
from studio.live.socket.portraits import SkippedPortrait
from studio.live.socket.recorder import Recorder
from studio.live.socket.sound import SoundQueue, checked_rate

FIRST_RATE = 16000


class Conversation:
    """Belongs to the event loop that runs it. outlet: see `Outlet`; None sends frames on the connection."""

    def __init__(
        self,
        messenger: Messenger,
        session: LiveSession,
        encoder: PictureEncoder,
        recorder: Recorder,
        *,
        idle: float,
        lag: Lag | None = None,
        offers: Offers | None = None,
        follow: Callable[[LiveFrame], None] | None = None,
    ) -> None:
        """idle: seconds without a message after which the session ends. lag: None for a session without
        a pace. follow: called with each frame, before it is sent.
        """
        self._follow = follow
        self.session, self.sound = session, SoundQueue(session)
        self.outlet: Outlet | None = None
        self._messenger, self._encoder, self._idle = messenger, encoder, idle
        self._recorder = recorder
        self._carrying = Carrying(messenger, offers)
        self._rate = FIRST_RATE
        self._message_id: str | None = None
        self._frame_rate = FIRST_RATE
        self._speaking = False
        self._interruptions = 0
        self._lag = lag
        self._used_at = asyncio.get_running_loop().time()
        self._on_its_way: LiveFrame | None = None
        """A frame that was taken from the session, and is not sent yet."""
        self._skipped = SkippedPortrait()

    async def run(self) -> SessionOver:
        """Converse until the session or the connection ends. Returns why."""
        tasks = [asyncio.ensure_future(each) for each in (self._hear(), self._show(), self.sound.run())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await self._carrying.stop()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        return _first_of(results)

    async def _hear(self) -> None:
        while True:
            message = await self._next()
            try:
                await self._do(message)
            except LiveEnded:
                raise
            except JoyStudioError as error:
                await self._messenger.complain(error)
            else:
                self._messenger.understood()

    async def _next(self) -> str | bytes:
        """The next message. Raises SessionOver if nothing comes for too long, not even sound."""
        while True:
            used = max(self._used_at, self.sound.came_at)
            left = used + self._idle - asyncio.get_running_loop().time()
            try:
                return await self._messenger.receive(max(left, 0.0), of=self._idle)
            except SessionOver as over:
                if over.closing is not Closing.UNUSED or self.sound.came_at <= used:
                    raise

    async def _do(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            if not self._skipped.takes(message):
                self.sound.put(message, self._rate, self._message_id)
            return
        parsed = messages.parsed(message)
        if isinstance(parsed, messages.ShownFrame):
            if self._lag is not None:
                self._lag.shown(parsed.frame_index)
            return  # a page that is left open sends it, too
        self._used_at = asyncio.get_running_loop().time()
        match parsed:
            case messages.Audio() as audio:
                self._rate, self._message_id = checked_rate(audio.sample_rate), audio.message_id
            case messages.Flush():
                self.sound.flush()
            case messages.Interrupt():
                await self.interrupt()
            case messages.Options(values=values):
                options = self.session.set_options(**values)
                await self._messenger.tell("options", values=options.model_dump(mode="json"))
            case messages.Offer(sdp=sdp):
                self._carrying.begin(self, sdp)
            case messages.StopWebrtc():
                await self._carrying.stop()
            case messages.StartRecording() as record:
                await self._recorder.begin(record)
            case messages.StopRecording():
                self._recorder.stop()
            case messages.Close():
                raise SessionOver(Closing.DONE)
            case messages.Open() as opening:
                self._skipped.expect(opening)
                raise LiveMessageError("This connection has a session already. Open another connection.")

    def carry(self, outlet: Outlet | None) -> None:
        """Hand the sound and the pictures of frames to `outlet`; None sends them on the connection again."""
        if outlet is None and self.outlet is not None:
            self._encoder.begin_again()
        self.outlet = outlet

    async def tell(self, kind: str, **fields: Any) -> None:
        """Send an event."""
        await self._messenger.tell(kind, **fields)

    async def interrupt(self) -> None:
        """Drop the sound that waits, and say so."""
        interruption = self.session.interrupt()
        waited = self.sound.drop()
        self._interruptions += 1
        position, dropped = interruption.position, interruption.dropped + waited
        message_id = interruption.source_message_id
        late = self._on_its_way
        if late is not None and late.speaking:  # it is sent in silence
            position, message_id = late.position, late.source_message_id
            dropped += len(late.samples) / late.sample_rate
        self._speaking = False
        await self._messenger.tell(
            "interrupted", position=round(position, 3), dropped=round(dropped, 3), message_id=message_id
        )

    async def _show(self) -> None:
        async for frame in self.session.run():
            if self._follow is not None:
                self._follow(frame)
            if self.outlet is not None:
                # Before it waits for the connection: WebRTC does not share its delays.
                self.outlet(frame)
            await self._send(frame, carried=self.outlet is not None)

    async def _send(self, frame: LiveFrame, *, carried: bool) -> None:
        before, self._on_its_way = self._interruptions, frame
        spared = self._lag is not None and self._lag.spares(frame.frame_index)
        if spared and frame.changed:
            self._encoder.begin_again()
        try:
            picture = None if carried or spared else await self._encoder.encode(frame)
            if self._lag is None:  # without a pace, the session can wait
                await self._recorder.room()
            await self._announce_rate(frame)
            if self._interruptions == before:
                await self._begin_voice(frame)
            silenced = self._interruptions != before
        finally:
            self._on_its_way = None
        self._recorder.add(frame, silenced=silenced)
        await self._messenger.send(packed(frame, picture, silenced=silenced, carried=carried))
        if not silenced:
            await self._end_voice(frame)

    async def _announce_rate(self, frame: LiveFrame) -> None:
        if frame.sample_rate != self._frame_rate:
            self._frame_rate = frame.sample_rate
            await self._messenger.tell("format", sample_rate=frame.sample_rate)

    async def _begin_voice(self, frame: LiveFrame) -> None:
        if frame.speaking and not self._speaking:
            self._speaking = True
            await self._messenger.tell(
                "started",
                frame_index=frame.frame_index,
                message_id=frame.source_message_id,
                sample_rate=frame.sample_rate,
            )

    async def _end_voice(self, frame: LiveFrame) -> None:
        if frame.end_of_speech and self._speaking:
            self._speaking = False
            await self._messenger.tell(
                "finished",
                frame_index=frame.frame_index,
                position=round(frame.position + len(frame.samples) / frame.sample_rate, 3),
                message_id=frame.source_message_id,
            )


def _first_of(results: list[Any]) -> SessionOver:
    """Why a conversation ended, from the results of its tasks."""
    for result in results:
        if isinstance(result, SessionOver):
            return result
    for result in results:
        if isinstance(result, Exception):
            left_alone = isinstance(result, LiveEnded) and result.__cause__ is None
            return SessionOver(Closing.UNREAD if left_alone else Closing.FAILED, explained(result))
    return SessionOver(Closing.DONE)
