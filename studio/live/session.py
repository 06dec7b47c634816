"""A live session: sound goes in as it comes, frames that carry their own sound come out."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.base import EngineOptions
from engines.registry import DEFAULT_ENGINE
from media.desk.edit import PLAIN, PortraitEdit
from studio.live.frame import Interruption, LiveSettings
from studio.live.frame_source import FrameSource
from studio.live.lifetime import SessionLifetime
from studio.live.opening import Beginning, OpenedFacts, changed_options, checked_patience, open_face
from studio.live.origin import origin_of
from studio.live.pace import WallClock
from studio.live.painting import Painting
from studio.live.places import HeldPlace, LivePlaces
from studio.live.pushed import checked_sound, pieces
from studio.live.reader import FrameReader
from studio.provenance.origin import Origin
from studio.settings import Settings

if TYPE_CHECKING:
    from media.portrait import Portrait

MOST_WAITING = 20.0
"""Seconds of sound that wait to be spoken; `push_audio` waits while there are more."""


class LiveSession:
    """A portrait that speaks while its voice is still arriving. Open one with `LiveSession.open`.

    It belongs to the event loop that opened it; call its methods there. Frames are painted in another thread.
    """

    def __init__(
        self,
        beginning: Beginning,
        frames: FrameSource,
        painting: Painting,
        clock: WallClock,
        lifetime: SessionLifetime,
    ) -> None:
        """See `open`."""
        self.settings = LiveSettings(beginning.options.fps)
        self.notes: tuple[str, ...] = ()
        """Notes about the portrait, for the user."""
        self._engine, self._options = beginning.engine, beginning.options
        self._beginning = replace(beginning, portrait=b"")  # its file may be large
        self._seen = OpenedFacts((), "")
        self._frames, self._painting, self._clock, self._lifetime = frames, painting, clock, lifetime
        self._pushing = asyncio.Lock()
        painting.lost = lifetime.fail

    @classmethod
    async def open(
        cls,
        portrait: Path | str | bytes | Portrait,
        *,
        engine: str = DEFAULT_ENGINE,
        options: Mapping[str, Any] | EngineOptions | None = None,
        seed: int = 0,
        paced: bool = True,
        look_ahead_ms: float = 80,
        max_backlog_ms: float | None = None,
        lead_ms: float = 0,
        face_index: int = 0,
        anchors: Any = None,
        portrait_edit: PortraitEdit = PLAIN,
        marked: bool = False,
        any_speed: bool = False,
        curves: bool = False,
        visitor: Hashable = None,
        places: LivePlaces | HeldPlace | None = None,
        settings: Settings | None = None,
        unread_seconds: float | None = None,
        clock: WallClock | None = None,
    ) -> LiveSession:
        """Open a portrait for a voice that is still arriving.

        portrait: a file, its bytes, or one that is opened. engine: one whose spec says `live`. options: the
        engine's. paced: give frames by the wall clock, and idle frames while no voice speaks, as for a
        microphone or a call; otherwise give frames as fast as sound comes and they are read, and none without
        sound, as for a file. look_ahead_ms: sound after a frame's end that the mouth waits for, 0 to 1000:
        less answers sooner, more closes the lips better. max_backlog_ms: for a paced microphone, 100 to
        10000: if more sound than that waits, pauses are left out, and then speech, until the portrait is
        close to now again; None speaks all sound, however late. lead_ms: how much earlier than the clock says
        a paced session may give the frames of a voice whose sound is there, 0 to 1000: for a player that
        plays them by its own clock, and would have gaps. face_index, anchors, portrait_edit: as in
        `studio.job.Job`. marked: draw the visible mark "AI" into every picture. any_speed: open a
        paced session even if the machine is too slow for the engine. curves: give every frame its `curves`.
        visitor, places: who opens the session, and the places of a server that limits them. unread_seconds:
        how long frames may wait to be read before the session ends; None takes the setting, `math.inf` waits
        without end.

        The same portrait, options, seed and sound give the same frames, however the sound is cut into pieces.
        Raises LiveSpeedError, OptionError, PortraitError, NoFaceError, and LineFull if there is no place.
        """
        machine = settings or Settings()
        beginning = Beginning.of(
            portrait,
            engine,
            options,
            seed,
            look_ahead_ms,
            max_backlog_ms,
            marked,
            lead_ms,
            curves=curves,
            in_time=paced and not (any_speed or machine.live_any_speed),
            face_index=face_index,
            anchors=anchors,
            portrait_edit=portrait_edit,
        )
        patience = checked_patience(machine.live_unread_seconds if unread_seconds is None else unread_seconds)
        painting, seen = await open_face(beginning, machine, visitor, places)
        painting.curves = curves
        time = clock or WallClock()
        frames = FrameSource(
            painting, time, paced=paced, most_waiting=beginning.max_backlog, most_lead=beginning.lead
        )
        session = cls(beginning, frames, painting, time, SessionLifetime(frames, time, patience))
        session.notes, session._seen = seen.notes, seen
        return session

    @property
    def options(self) -> EngineOptions:
        """The options in use."""
        return self._options

    @property
    def origin(self) -> Origin:
        """What decides the frames, with the options in use: for a recording's metadata and manifest."""
        return origin_of(self._beginning, self._options, self._seen)

    @property
    def waiting_seconds(self) -> float:
        """Seconds of sound that wait to be spoken."""
        return self._frames.voices.seconds

    @property
    def ready(self) -> bool:
        """Whether the sound of the next frame is there, and the sound ahead that it waits for."""
        return self._frames.can_begin

    @property
    def left_out_seconds(self) -> float:
        """Seconds of sound that were left out because of `max_backlog_ms`."""
        return self._frames.backlog.left_out

    @property
    def dropped_pictures(self) -> int:
        """Frames that were handed out without a picture, because the computer or the reader was too slow."""
        return self._frames.dropped

    def get_first_frame(self) -> np.ndarray:
        """The picture before the first frame, (H, W, 3) uint8 RGB, read-only: to be shown at once."""
        return self._painting.first_image

    async def push_audio(
        self, pcm16: bytes, sample_rate: int, last_chunk: bool = False, *, message_id: str | None = None
    ) -> None:
        """Add sound to the voice that speaks, or begin one.

        pcm16: mono, little-endian int16, of any length. sample_rate: 8000 to 48000; a rate other than before
        begins a new voice. last_chunk: the voice is complete, as after `flush`. message_id: comes back with
        the voice's frames. Waits while more than 20 s of sound wait; sound that waits here when `interrupt`
        is called is dropped, too. Raises VoiceError for sound that cannot be used, LiveEnded after the end.
        """
        samples = checked_sound(pcm16, sample_rate)
        frames, before = self._frames, self._frames.interruptions
        async with self._pushing:
            self._lifetime.use()
            for piece in pieces(samples, sample_rate):
                await self._wait_for_room()
                if frames.interruptions != before:
                    return
                frames.voices.add(piece, sample_rate, message_id, self._clock.now())
                frames.sound_came()
            if last_chunk and frames.interruptions == before:
                self._end_voice()

    async def _wait_for_room(self) -> None:
        frames = self._frames
        while frames.voices.seconds_of_frames > MOST_WAITING and not frames.over.is_set():
            frames.taken.clear()
            await frames.taken.wait()
        self._lifetime.use()

    async def flush(self) -> None:
        """The voice is complete: speak all of it without waiting for more. Raises LiveEnded after the end."""
        before = self._frames.interruptions
        async with self._pushing:
            self._lifetime.use()
            if self._frames.interruptions == before:
                self._end_voice()

    def _end_voice(self) -> None:
        self._frames.voices.end(self._clock.now())
        self._frames.news.set()

    def interrupt(self) -> Interruption:
        """Stop speaking: drop all sound that waits and close the mouth. Head and eyes go on moving.

        No frame that is handed out after this carries sound that was pushed before it.
        Raises LiveEnded after the end.
        """
        self._lifetime.use()
        return self._frames.interrupt()

    def set_options(self, /, **changes: Any) -> EngineOptions:
        """Change options from the next frame on, and return all of them. Numbers glide to their new value.

        Raises OptionError for a value out of range, or an option that is fixed while the session runs;
        LiveEnded after the end.
        """
        self._lifetime.use()
        self._options = changed_options(self._engine, self._options, changes)
        self._painting.change(self._options)
        return self._options

    def run(self) -> FrameReader:
        """The session's frames, in order, for `async for`. They end after `shutdown`.

        You may stop waiting for a frame, and read on: none is lost. Another call of `run` takes over from a
        reader that does not wait for a frame; that one gets no more. Raises LiveError while another reader
        waits, and LiveEnded if the session ended for a reason other than `shutdown`.
        """
        return FrameReader(self._frames, self._lifetime)

    async def shutdown(self) -> None:
        """End the session and give back what it holds. A second call does nothing."""
        await self._lifetime.close()

    async def __aenter__(self) -> LiveSession:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()
