"""Decides what the next frame of a live session is, and when: a part of a voice, or silence."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import numpy as np

from engines.live import SAMPLE_RATE
from studio.live.backlog import Backlog
from studio.live.face_worker import MadeFrame
from studio.live.frame import Interruption, LiveFrame
from studio.live.pace import FrameSchedule, WallClock
from studio.live.painting import Painting
from studio.live.voice import VoiceFrame
from studio.live.voices import Voices

_log = logging.getLogger("joystudio.live")

CLOSING = 0.2
"""Seconds that a session without a pace shows after an interruption, until the mouth is closed."""


@dataclass(frozen=True, eq=False)
class InFlight:
    """A frame that is being painted, or waits to be handed out. interruptions: how many came before it."""

    cut: VoiceFrame | None
    made: asyncio.Future[MadeFrame]
    interruptions: int


class FrameSource:
    """The frames of one session. Used by one event loop, which adds sound to `voices` and then sets `news`.

    paced: by the clock, with silence while no voice speaks; otherwise as fast as sound comes. most_waiting:
    seconds of sound that may wait in a paced session, see `Backlog`. most_lead: see `FrameSchedule`.
    """

    def __init__(
        self,
        painting: Painting,
        clock: WallClock,
        *,
        paced: bool,
        most_waiting: float | None = None,
        most_lead: float = 0.0,
    ) -> None:
        self.voices = Voices(painting.fps)
        self.news, self.over = asyncio.Event(), asyncio.Event()
        self.taken = asyncio.Event()
        """Set whenever there is room for more sound."""
        self.interruptions = 0
        self.dropped = 0
        """Frames without a picture."""
        self._painting, self._fps, self._look_ahead = painting, painting.fps, painting.look_ahead
        self._clock, self._paced, self._most_lead = clock, paced, most_lead
        self.backlog = Backlog(self._fps, self._look_ahead, most_waiting)
        self._pace: FrameSchedule | None = None
        self._frame = 0
        self._since_interruption = 0
        self._closing = 0
        self._rate = SAMPLE_RATE
        self._speaking = False
        self._spoke = False
        """Whether the mouth may be open."""
        self._in_flight: InFlight | None = None
        self._seen: np.ndarray | None = None
        """The picture that was handed out last."""

    def begin(self) -> None:
        """A reader begins now."""
        self._seen = None
        self._pace = FrameSchedule(self._fps, self._clock.now(), self._most_lead) if self._paced else None
        if self._pace is not None and self._in_flight is not None:
            self._pace.advance(self._clock.now())  # that frame is the first of the new grid

    def sound_came(self) -> None:
        """Wake the reader, if the sound that was added decides when its next frame is due.

        A microphone brings a hundred pieces a second, and most of them change nothing: a voice that speaks
        keeps its beat.
        """
        keeps_the_beat = self._pace is not None and self._speaking and not self._most_lead
        if not keeps_the_beat and self.can_begin:
            self.news.set()

    @property
    def owes(self) -> bool:
        """Whether a reader would get a frame."""
        return self._paced or self.can_begin

    async def next(self) -> LiveFrame | None:
        """The next frame, when it is due; None at the end. If the wait is cancelled, no frame is lost."""
        while self._in_flight is None and not self.over.is_set():
            self.news.clear()
            wait = self._begin_frame()
            if self._in_flight is None:
                await self._clock.wait(self.news, wait)
        return await self._hand_out()

    def _begin_frame(self) -> float | None:
        """Begin the next frame if it is due. Returns the seconds until then otherwise; None for news only."""
        now, pace = self._clock.now(), self._pace
        if pace is None:
            if self._closing or self.can_begin:
                self._paint(None if self._closing else self._cut())
            return None
        early = not self._speaking and self.can_begin
        # A mouth that closes after an interruption goes on where its voice was.
        ahead = self._closing > 0 or (self._speaking and self.can_begin)
        wait = (pace.earliest() if early else pace.due(ahead=ahead)) - now
        if wait <= 0:
            if early:
                pace.begin_voice(now)
            self._begin_on_the_beat(pace, now)
        return wait

    def _begin_on_the_beat(self, pace: FrameSchedule, now: float) -> None:
        voice = self.voices.next
        # A voice that speaks goes on without the sound ahead, but a new one waits for it.
        goes_on = self._speaking and voice is not None and voice.has(self._hears())
        self._speaking = goes_on or self.can_begin
        if not self._speaking:
            pace.silent(now)
        else:
            self.backlog.shorten(self.voices)
        late = pace.advance(now)
        self._paint(self._cut() if self._speaking else None, paint=not late)

    @property
    def can_begin(self) -> bool:
        """Whether the next frame's sound is there, and the sound ahead that it waits for."""
        voice = self.voices.next
        # One sample at least, or the last frame would be taken before its end is known.
        return voice is not None and voice.has(self._hears() + max(self._look_ahead, 1))

    def _hears(self) -> int:
        """Samples at 16 kHz in the next frame."""
        return _part(self._since_interruption, SAMPLE_RATE, self._fps)

    def _cut(self) -> VoiceFrame:
        cut = self.voices.cut(self._hears(), self._look_ahead)
        if cut.last:
            self._speaking = False
        self._rate = cut.rate
        self.taken.set()
        return cut

    def _paint(self, cut: VoiceFrame | None, *, paint: bool = True) -> None:
        """Begin a frame, with a part of a voice or in silence."""
        hears, interruptions = self._hears(), self.interruptions
        self._since_interruption += 1
        self._closing = max(self._closing - 1, 0)
        self._spoke = self._spoke or cut is not None
        made = self._painting.begin(cut, hears, interruptions, paint=paint)
        self._in_flight = InFlight(cut, made, interruptions)

    async def _hand_out(self) -> LiveFrame | None:
        """The frame in flight, once it is painted. None if the session ended."""
        frame = self._in_flight
        if frame is None:
            return None
        # A reader that gives up must not stop it: its sound was taken, and a face paints one frame at a time.
        made = await asyncio.shield(frame.made)
        self._in_flight = None
        if self.over.is_set():
            return None
        if made.picture is None:
            self._say_dropped()
        return self._frame_of(frame.cut, made, silenced=self.interruptions != frame.interruptions)

    def _frame_of(self, cut: VoiceFrame | None, made: MadeFrame, *, silenced: bool) -> LiveFrame:
        index, image, curves = self._frame, made.picture, made.curves
        self._frame += 1
        changed = image is not None and image is not self._seen
        self._seen = image
        if cut is None or silenced:
            size = len(cut.samples) if cut else _part(index, self._rate, self._fps)
            return LiveFrame(index, image, changed, np.zeros(size, np.int16), self._rate, curves=curves)
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
            curves=curves,
        )

    def _say_dropped(self) -> None:
        if not self.dropped:
            _log.warning("A live session is late; it leaves out pictures, and no sound.")
        self.dropped += 1

    def interrupt(self) -> Interruption:
        """Drop the sound that waits; the next frames are silent."""
        position, dropped, message_id = self.voices.drop()
        frame = self._in_flight
        if frame is not None and frame.cut is not None and frame.interruptions == self.interruptions:
            # It will be handed out in silence.
            position, message_id = frame.cut.position, frame.cut.message_id
            dropped += 1 / self._fps
        self.interruptions += 1
        self._since_interruption = 0
        if self._spoke:
            self._closing = round(CLOSING * self._fps)
        self._spoke = self._speaking = False
        self.news.set()
        self.taken.set()
        return Interruption(position, dropped, message_id)

    def end(self) -> None:
        """No more frames."""
        self.voices.drop()
        for event in (self.over, self.news, self.taken):
            event.set()
        self._painting.close()

    async def settle(self) -> None:
        """Wait until nothing is painted any more."""
        frame = self._in_flight
        if frame is not None:
            await asyncio.wait([frame.made])
            frame.made.exception()  # the reader gets it, if there is one


def _part(frame: int, rate: int, fps: int) -> int:
    """How many of `rate` samples per second belong to a frame."""
    return (frame + 1) * rate // fps - frame * rate // fps
