"""Pictures and sound for LiveKit's `AvatarRunner`."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from typing import TypeAlias

import numpy as np
from livekit import rtc
from livekit.agents.voice.avatar import AudioSegmentEnd, AvatarOptions, VideoGenerator

from joystudio_live import LiveEnded, LiveError, LiveFrame, LiveSession
from joystudio_livekit.segment import Segment

Output: TypeAlias = rtc.VideoFrame | rtc.AudioFrame | AudioSegmentEnd
_log = logging.getLogger("joystudio_livekit")


class JoyStudioVideoGenerator(VideoGenerator):
    """A portrait that speaks the sound of an `AvatarRunner` and gives it back with its pictures.

    session: an open one with a pace. In silence it gives pictures only, because the runner takes all sound
    for speech. `push_audio(AudioSegmentEnd())` waits until the runner has the end of that segment: a runner
    that has heard sound of the next one by then never reports that one's end.

    If the session fails, the voice goes on without pictures: what it has not spoken, and all that follows.
    """

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._segment = Segment()
        self._cleared = 0
        self._failure: LiveError | None = None
        self._picture: rtc.VideoFrame | None = None

    def options(self, sample_rate: int = 24000) -> AvatarOptions:
        """The runner's options: the portrait's size and rate, and the rate of the voice, mono."""
        session = self._session
        return AvatarOptions(session.width, session.height, session.settings.FPS, sample_rate, 1)

    async def push_audio(self, frame: rtc.AudioFrame | AudioSegmentEnd) -> None:
        """Take sound, or the end of a segment."""
        if isinstance(frame, AudioSegmentEnd):
            await self._end_segment()
        else:
            await self._hear(frame)

    async def _hear(self, frame: rtc.AudioFrame) -> None:
        sound = _mono(frame)
        self._segment.add(sound, frame.sample_rate)
        if not sound or self._failure is not None:
            return
        try:
            await self._session.push_audio(sound, frame.sample_rate)
        except LiveEnded:
            pass  # who reads the frames notices it after the last one, and hands out this sound then
        except LiveError as error:
            self._failure = error
            await self._session.shutdown()

    async def _end_segment(self) -> None:
        ended = self._segment.end()
        if ended is None:
            return
        if self._segment.has_sound:
            with contextlib.suppress(LiveEnded):  # who reads the frames notices it
                await self._session.flush()
        await ended

    def clear_buffer(self) -> None:
        """Stop speaking at once."""
        self._cleared += 1
        self._segment.over()
        with contextlib.suppress(LiveEnded):  # who reads the frames notices it
            self._session.interrupt()

    def __aiter__(self) -> AsyncIterator[Output]:
        return self._outputs()

    async def _outputs(self) -> AsyncIterator[Output]:
        try:
            async for frame in self._session.run():
                async for output in self._outputs_of(frame):
                    yield output
        except LiveError as error:
            self._failure = self._failure or error
        if self._failure is None:  # the session was shut down
            return
        _log.error("The JoyStudio portrait has ended; the agent speaks on without it. %s", self._failure)
        async for output in self._outputs_without_pictures():
            yield output

    async def _outputs_without_pictures(self) -> AsyncIterator[Output]:
        """The sound that the portrait has not spoken, and then all that comes."""
        segment = self._segment
        while True:
            cleared = self._cleared
            if (left := segment.unplayed.take()) is not None:
                sound, rate = left
                yield rtc.AudioFrame(sound, rate, 1, len(sound) // 2)
            elif segment.ending:
                yield AudioSegmentEnd()
                if cleared == self._cleared:
                    segment.over()
            else:
                segment.news.clear()
                await segment.news.wait()

    async def _outputs_of(self, frame: LiveFrame) -> AsyncIterator[Output]:
        cleared = self._cleared
        if frame.rgb_image is not None:
            yield self._picture_of(frame.rgb_image, changed=frame.changed)
        # The runner waits for room between two outputs, and may have cleared the buffer meanwhile.
        if frame.speaking and cleared == self._cleared:
            sound = frame.samples
            self._segment.unplayed.played(len(sound))
            yield rtc.AudioFrame(sound.tobytes(), frame.sample_rate, 1, len(sound))
        ends = frame.end_of_speech or not self._segment.has_sound
        if ends and cleared == self._cleared and self._segment.ending:
            yield AudioSegmentEnd()
            if cleared == self._cleared:
                self._segment.over()

    def _picture_of(self, image: np.ndarray, *, changed: bool) -> rtc.VideoFrame:
        if changed or self._picture is None:
            height, width, _ = image.shape
            self._picture = rtc.VideoFrame(width, height, rtc.VideoBufferType.RGB24, image.tobytes())
        return self._picture


def _mono(frame: rtc.AudioFrame) -> bytes:
    """The mean of the channels as 16 bit PCM."""
    if frame.num_channels == 1 or not frame.samples_per_channel:
        return bytes(frame.data)
    samples = np.frombuffer(frame.data, np.int16).reshape(-1, frame.num_channels)
    return samples.mean(axis=1).astype("<i2").tobytes()
