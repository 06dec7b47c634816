"""Decides what the next frame of a live session is, and when: a part of a voice, or silence."""

from __future__ import annotations

import asyncio
import logging

import numpy as np

from engines.live import SAMPLE_RATE, Picture
from studio.live.frame import Interruption, LiveFrame
from studio.live.pace import Pace, WallClock
from studio.live.painting import Painting
from studio.live.voice import Cut
from studio.live.voices import Voices

_log = logging.getLogger("joystudio.live")

CLOSING = 0.2
"""Seconds that a session without a pace shows after an interruption, until the mouth is closed."""


class FrameSource:
    """The frames of one session. Used by one event loop, which adds sound to `voices` and then sets `news`.

    fps: frames per second. look_ahead: samples at 16 kHz after a frame that it waits for. paced: by the
    clock, with silence while no voice speaks; otherwise as fast as sound comes.
    """

    def __init__(
        self, painting: Painting, fps: int, look_ahead: int, clock: WallClock, *, paced: bool
    ) -> None:
        self.voices = Voices(fps)
        self.news, self.over = asyncio.Event(), asyncio.Event()
        self.taken = asyncio.Event()
        """Set whenever there is room for more sound."""
        self.interruptions = 0
        self.dropped = 0
        """Frames without a picture."""
        self._painting, self._fps, self._look_ahead = painting, fps, look_ahead
        self._clock, self._paced = clock, paced
        self._pace: Pace | None = None
        self._frame = 0
        self._since_interruption = 0
        self._closing = 0
        self._rate = SAMPLE_RATE
        self._speaking = False
        self._shown: Cut | None = None

    def begin(self) -> None:
        """A reader begins now."""
        self._pace = Pace(self._fps, self._clock.now()) if self._paced else None

    @property
    def owes(self) -> bool:
        """Whether a reader would get a frame."""
        return self._paced or self.can_begin

    async def next(self) -> LiveFrame | None:
        """The next frame, when it is due; None at the end."""
        while not self.over.is_set():
            self.news.clear()
            now, pace, wait = self._clock.now(), self._pace, None
            if pace is None:
                if self._closing or self.can_begin:
                    return await self._show(None if self._closing else self._cut())
            else:
                early = not self._speaking and self.can_begin
                wait = (pace.earliest() if early else pace.due()) - now
                if wait <= 0:
                    if early:
                        pace.begin_voice(now)
                    return await self._on_the_beat(pace, now)
            await self._clock.wait(self.news, wait)
        return None

    async def _on_the_beat(self, pace: Pace, now: float) -> LiveFrame | None:
        voice = self.voices.next
        # A voice that speaks goes on without the sound ahead, but a new one waits for it.
        self._speaking = voice is not None and (
            voice.has(self._hears()) if self._speaking else self.can_begin
        )
        if not self._speaking:
            pace.silent(now)
        late = pace.advance(now)
        return await self._show(self._cut() if self._speaking else None, paint=not late)

    @property
    def can_begin(self) -> bool:
        """Whether the next frame's sound is there, and the sound ahead that it waits for."""
        voice = self.voices.next
        # One sample at least, or the last frame would be taken before its end is known.
        return voice is not None and voice.has(self._hears() + max(self._look_ahead, 1))

    def _hears(self) -> int:
        """Samples at 16 kHz in the next frame."""
        return _part(self._since_interruption, SAMPLE_RATE, self._fps)

    def _cut(self) -> Cut:
        cut = self.voices.cut(self._hears(), self._look_ahead)
        if cut.last:
            self._speaking = False
        self._rate = cut.rate
        self.taken.set()
        return cut

    async def _show(self, cut: Cut | None, *, paint: bool = True) -> LiveFrame | None:
        """Paint a frame, with a part of a voice or in silence. None if the session ended meanwhile."""
        before, hears = self.interruptions, self._hears()
        self._since_interruption += 1
        self._closing = max(self._closing - 1, 0)
        self._shown = cut
        picture = await self._painting.next(cut, hears, before, paint=paint)
        self._shown = None
        if self.over.is_set():
            return None
        if picture is None:
            self._say_dropped()
        return self._frame_of(cut, picture, silenced=self.interruptions != before)

    def _frame_of(self, cut: Cut | None, picture: Picture | None, *, silenced: bool) -> LiveFrame:
        index = self._frame
        self._frame += 1
        image, changed = (picture.image, picture.changed) if picture else (None, False)
        if cut is None or silenced:
            size = len(cut.samples) if cut else _part(index, self._rate, self._fps)
            return LiveFrame(index, image, changed, np.zeros(size, np.int16), self._rate)
        return LiveFrame(
            index,
            image,
            changed,
            cut.samples,
            cut.rate,
            speaking=True,
            end_of_speech=cut.last,
            source_message_id=cut.message_id,
            position=cut.position,
            delay=self._clock.now() - cut.arrived,
        )

    def _say_dropped(self) -> None:
        if not self.dropped:
            _log.warning("A live session is late; it leaves out pictures, and no sound.")
        self.dropped += 1

    def interrupt(self) -> Interruption:
        """Drop the sound that waits; the next frames are silent."""
        position, dropped, message_id = self.voices.drop()
        if self._shown is not None:  # it is being painted, and will be handed out in silence
            position, message_id = self._shown.position, self._shown.message_id
            dropped += 1 / self._fps
        self.interruptions += 1
        self._since_interruption = 0
        self._closing = round(CLOSING * self._fps)
        self._speaking = False
        self.news.set()
        self.taken.set()
        return Interruption(position, dropped, message_id)

    def end(self) -> None:
        """No more frames."""
        self.voices.drop()
        for event in (self.over, self.news, self.taken):
            event.set()
        self._painting.close()


def _part(frame: int, rate: int, fps: int) -> int:
    """How many of `rate` samples per second belong to a frame."""
    return (frame + 1) * rate // fps - frame * rate // fps
