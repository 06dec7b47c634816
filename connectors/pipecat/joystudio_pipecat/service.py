"""The video service: between a bot's voice and its transport."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from loguru import logger
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    Frame,
    InterruptionFrame,
    OutputImageRawFrame,
    ServiceUpdateSettingsFrame,
    StartFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from pipecat.services.ai_service import AIService

from joystudio_live import LiveEnded, LiveError, LiveFrame, LiveSession
from joystudio_pipecat.replies import Replies
from joystudio_pipecat.settings import JoyStudioVideoSettings, with_options

LAST_WORDS = 30.0
"""Seconds that a bot which ends may take to finish its sentence."""


class JoyStudioVideoService(AIService):
    """A JoyStudio portrait that speaks what the bot says. Place it after the voice, before the transport.

    It takes `TTSAudioRawFrame` and pushes a picture and its sound together, at the rate at which the sound
    came: `OutputImageRawFrame` with `sync_with_audio`, then `TTSAudioRawFrame`. In silence the portrait goes
    on living. `TTSStoppedFrame` follows when the reply is played; `InterruptionFrame` ends a reply at once,
    and no sound of it follows.

    If JoyStudio does not answer, or fails, an error goes upstream and the bot speaks on without a picture:
    what the portrait has not spoken of a reply, and all that follows.
    Live options change with `ServiceUpdateSettingsFrame(settings={"mouth_opening": 0.8}, service=service)`.

    Set the transport's `video_out_width` and `video_out_height` to the size of your portrait, or it resizes
    each picture, and leave `video_out_is_live` off.
    """

    Settings = JoyStudioVideoSettings

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
        lead_ms: float = 120,
        picture: str = "rgb",
        headers: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Make the service; it opens its session when the pipeline starts.

        See `joystudio_live.LiveSession.open` for the arguments; the lead keeps a transport from running dry.
        kwargs: of `AIService`.
        """
        super().__init__(settings=with_options(engine, options), **kwargs)
        self._open: Callable[[], Awaitable[LiveSession]] = lambda: LiveSession.open(
            address,
            portrait,
            consent=consent,
            engine=engine,
            options=options,
            seed=seed,
            look_ahead_ms=look_ahead_ms,
            lead_ms=lead_ms,
            picture=picture,
            headers=headers,
        )
        self._session: LiveSession | None = None
        self._ended: LiveSession | None = None
        """A session that failed, until it is closed."""
        self._refusal: LiveError | None = None
        """Why sound was refused that does not end a session by itself."""
        self._reader: asyncio.Task[None] | None = None
        self._replies = Replies()
        self._pushing = asyncio.Lock()
        """Held while a frame goes downstream, so that none of a reply can follow its interruption."""
        self._interruptions = 0
        self._repeats = 0
        """Pictures that are pushed even if they are unchanged."""

    @property
    def is_ready(self) -> bool:
        """Whether the portrait speaks; otherwise sound passes by."""
        return self._session is not None

    def can_generate_metrics(self) -> bool:
        """True: the time to the first byte is that from a reply's first sound to its first frame."""
        return True

    async def start(self, frame: StartFrame) -> None:
        """Open the portrait."""
        await super().start(frame)
        try:
            self._session = await self._open()
        except LiveError as error:
            await self._report("The JoyStudio portrait could not be opened", error)
            return
        for note in self._session.notes:
            logger.info(f"{self}: {note}")
        size = self._session.width, self._session.height
        logger.info(f"{self}: the portrait has {size[0]}x{size[1]} pixels; give the transport the same.")

    async def stop(self, frame: EndFrame) -> None:
        """Finish what is being said, and close the portrait."""
        await super().stop(frame)
        await self._finish()
        await self._close()

    async def cancel(self, frame: CancelFrame) -> None:
        """Close the portrait."""
        await super().cancel(frame)
        await self._close()

    async def cleanup(self) -> None:
        """Close the portrait, if nothing else has."""
        await super().cleanup()
        await self._close()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take the voice, and pass on everything else."""
        await super().process_frame(frame, direction)
        if direction != FrameDirection.DOWNSTREAM:
            await self.push_frame(frame, direction)
        elif isinstance(frame, StartFrame):
            await self.push_frame(frame, direction)
            self._begin_reading()
        elif isinstance(frame, TTSAudioRawFrame):
            await self._hear(frame)
        elif isinstance(frame, TTSStoppedFrame):
            await self._end_reply(frame)
        elif isinstance(frame, InterruptionFrame):
            await self._interrupt(frame)
        elif isinstance(frame, ServiceUpdateSettingsFrame) and frame.service in (None, self):
            await self._change(frame)
        else:
            await self.push_frame(frame, direction)

    async def _hear(self, frame: TTSAudioRawFrame) -> None:
        session = self._session
        sound = _mono(frame.audio, frame.num_channels)
        if session is None:
            await self.push_frame(frame)
        elif sound:
            if self._replies.sound(sound, frame.sample_rate, frame.context_id):
                await self.start_ttfb_metrics()
            try:
                await session.push_audio(sound, frame.sample_rate, message_id=frame.context_id)
            except LiveEnded:
                pass  # who reads the frames notices it after the last one, and plays this sound then
            except LiveError as error:
                self._refusal = error
                await session.shutdown()

    async def _end_reply(self, frame: TTSStoppedFrame) -> None:
        if self._session is None or not self._replies.stop(frame):
            await self.push_frame(frame)
        else:
            await self._flush()

    async def _flush(self) -> None:
        if self._session is not None:
            with contextlib.suppress(LiveEnded):  # who reads the frames notices it
                await self._session.flush()

    async def _interrupt(self, frame: InterruptionFrame) -> None:
        self._interruptions += 1
        self._replies.drop()
        if self._session is not None:
            self._repeats = self._session.settings.FPS
            with contextlib.suppress(LiveEnded):  # who reads the frames notices it
                self._session.interrupt()
        async with self._pushing:
            await self.push_frame(frame)

    async def _change(self, frame: ServiceUpdateSettingsFrame) -> None:
        changes = frame.delta.extra if frame.delta is not None else dict(frame.settings)
        if frame.service is None and type(frame) is not ServiceUpdateSettingsFrame:
            await self.push_frame(frame)  # for a voice or a language model
        elif self._session is not None and changes:
            try:
                await self._session.set_options(**changes)
            except LiveError as error:
                await self.push_error(f"The portrait's options were not changed: {error}", exception=error)
                return
            await self._update_settings(JoyStudioVideoSettings(extra=dict(changes)))

    def _begin_reading(self) -> None:
        # Only now, because what comes after this service has not started before.
        if self._session is not None and self._reader is None:
            self._reader = self.create_task(self._read(self._session), name="joystudio_frames")

    async def _read(self, session: LiveSession) -> None:
        """Show all frames, until the session fails: when this service ends, the task is cancelled."""
        what = "The JoyStudio portrait has ended"
        reason: LiveError | None = None
        try:
            async for frame in session.run():
                await self._show(frame)
        except LiveError as error:
            reason = error
        if reason is None and self._refusal is not None:
            what, reason = "The JoyStudio portrait does not take the voice", self._refusal
        await self._speak_on()
        if reason is not None:
            await self._report(what, reason)
        await session.shutdown()

    async def _show(self, frame: LiveFrame) -> None:
        before = self._interruptions
        async with self._pushing:
            if frame.changed or self._repeats > 0:
                # An interruption also drops pictures that wait in the transport.
                self._repeats = max(self._repeats - 1, 0)
                await self._push_picture(frame)
            # An interruption that comes now waits for the lock; its reply's sound must not go out first.
            if frame.speaking and self._interruptions == before:
                await self._push_sound(frame)

    async def _push_picture(self, frame: LiveFrame) -> None:
        image = frame.rgb_image
        if image is not None:
            picture = OutputImageRawFrame(image.tobytes(), (image.shape[1], image.shape[0]), "RGB")
            picture.sync_with_audio = True
            await self.push_frame(picture)

    async def _push_sound(self, frame: LiveFrame) -> None:
        await self.stop_ttfb_metrics()
        sound = frame.samples.tobytes()
        self._replies.heard(len(frame.samples))
        await self.push_frame(
            TTSAudioRawFrame(sound, frame.sample_rate, 1, context_id=frame.source_message_id)
        )
        if frame.end_of_speech:
            for stop in self._replies.played():
                await self.push_frame(stop)

    async def _finish(self) -> None:
        if self._session is None:
            return
        if self._replies.open is not None:
            await self._flush()
        try:
            async with asyncio.timeout(self._session.waiting_seconds + LAST_WORDS if self._session else 0):
                await self._replies.none_left.wait()
        except TimeoutError:
            logger.warning(f"{self}: the last reply was not played to its end.")

    async def _close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and reader is not asyncio.current_task():
            await self.cancel_task(reader)
        sessions, self._session, self._ended = (self._session, self._ended), None, None
        for session in sessions:
            if session is not None:
                await session.shutdown()
        self._replies.drop()

    async def _speak_on(self) -> None:
        """Push the sound that the portrait has not spoken, with what follows it. Later sound passes by."""
        async with self._pushing:
            while (reply := self._replies.first) is not None:
                if (left := reply.unplayed.take()) is not None:
                    sound, rate = left
                    await self.push_frame(TTSAudioRawFrame(sound, rate, 1, context_id=reply.context_id))
                else:
                    for stop in self._replies.played():
                        await self.push_frame(stop)
            self._ended, self._session = self._session, None

    async def _report(self, what: str, error: LiveError) -> None:
        await self.push_error(f"{what}: {error} The bot speaks on without a picture.", exception=error)


def _mono(sound: bytes, channels: int) -> bytes:
    """The mean of the channels of 16 bit PCM."""
    if channels == 1:
        return sound
    samples = np.frombuffer(sound, "<i2")
    whole = samples[: len(samples) // channels * channels].reshape(-1, channels)
    return whole.mean(axis=1).astype("<i2").tobytes()
