"""A live session: sound goes in as it comes, frames that carry their own sound come out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engines.base import EngineOptions
from media.desk.edit import PLAIN, PortraitEdit
from media.errors import JoyStudioError, LiveEnded, LiveError
from studio.live.frame import Interruption, LiveFrame, LiveSettings
from studio.live.frame_source import FrameSource
from studio.live.opening import Beginning, changed_options
from studio.live.pace import WallClock
from studio.live.painting import Painting
from studio.live.places import LivePlaces
from studio.live.pushed import checked_sound, pieces
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
        self, beginning: Beginning, frames: FrameSource, painting: Painting, clock: WallClock, patience: float
    ) -> None:
        """See `open`."""
        self.settings = LiveSettings(beginning.options.fps)
        self.notes: tuple[str, ...] = ()
        """Notes about the portrait, for the user."""
        self._engine, self._options = beginning.engine, beginning.options
        self._frames, self._painting, self._clock = frames, painting, clock
        self._pushing = asyncio.Lock()
        self._reading = self._reader_waits = False
        self._read_at = clock.now()
        self._reason: JoyStudioError | None = None
        self._watcher = asyncio.create_task(self._watch(patience))

    @classmethod
    async def open(
        cls,
        portrait: Path | str | bytes | Portrait,
        *,
        engine: str = "preview",
        options: Mapping[str, Any] | EngineOptions | None = None,
        seed: int = 0,
        paced: bool = True,
        look_ahead_ms: float = 80,
        face_index: int = 0,
        anchors: Any = None,
        portrait_edit: PortraitEdit = PLAIN,
        visitor: Hashable = None,
        places: LivePlaces | None = None,
        settings: Settings | None = None,
        clock: WallClock | None = None,
    ) -> LiveSession:
        """Open a portrait for a voice that is still arriving.

        portrait: a file, its bytes, or one that is opened. engine: one whose spec says `live`. options: the
        engine's. paced: give frames by the wall clock, and idle frames while no voice speaks, as for a
        microphone or a call; otherwise give frames as fast as sound comes and they are read, and none without
        sound, as for a file. look_ahead_ms: sound after a frame's end that the mouth waits for, 0 to 1000:
        less answers sooner, more closes the lips better. face_index, anchors, portrait_edit: as in
        `studio.job.Job`. visitor, places: who opens the session, and the places of a server that limits them.

        The same portrait, options, seed and sound give the same frames, however the sound is cut into pieces.
        Raises OptionError, PortraitError, NoFaceError, and LineFull if there is no place.
        """
        beginning = Beginning.of(
            portrait,
            engine,
            options,
            seed,
            look_ahead_ms,
            face_index=face_index,
            anchors=anchors,
            portrait_edit=portrait_edit,
        )
        machine = settings or Settings()
        if places is None:
            painters = ThreadPoolExecutor(1, thread_name_prefix="live")
            give_back: Callable[[], None] = partial(painters.shutdown, wait=False)
        else:
            painters, give_back = places.painters, places.take(visitor)
        try:
            face, notes = await asyncio.to_thread(beginning.read, machine)
            painting = Painting(face, painters, give_back)
            await painting.first()
        except BaseException:
            give_back()
            raise
        time = clock or WallClock()
        frames = FrameSource(painting, face.fps, face.look_ahead, time, paced=paced)
        session = cls(beginning, frames, painting, time, machine.live_unread_seconds)
        session.notes = notes
        return session

    @property
    def options(self) -> EngineOptions:
        """The options in use."""
        return self._options

    @property
    def waiting_seconds(self) -> float:
        """Seconds of sound that wait to be spoken."""
        return self._frames.voices.seconds

    @property
    def ready(self) -> bool:
        """Whether the sound of the next frame is there, and the sound ahead that it waits for."""
        return self._frames.can_begin

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

        pcm16: mono, little-endian int16, of any length. sample_rate: 8000 to 48000; another rate than before
        begins a new voice. last_chunk: the voice is complete, as after `flush`. message_id: comes back with
        the voice's frames. Waits while more than 20 s of sound wait; sound that waits here when `interrupt`
        is called is dropped, too. Raises SpeechError for sound that cannot be used, LiveEnded after the end.
        """
        samples = checked_sound(pcm16, sample_rate)
        frames, before = self._frames, self._frames.interruptions
        async with self._pushing:
            self._check_open()
            for piece in pieces(samples, sample_rate):
                await self._wait_for_room()
                if frames.interruptions != before:
                    return
                frames.voices.add(piece, sample_rate, message_id, self._clock.now())
                frames.news.set()
            if last_chunk and frames.interruptions == before:
                self._end_voice()

    async def _wait_for_room(self) -> None:
        frames = self._frames
        while frames.voices.seconds_of_frames > MOST_WAITING and not frames.over.is_set():
            frames.taken.clear()
            await frames.taken.wait()
        self._check_open()

    async def flush(self) -> None:
        """The voice is complete: speak all of it without waiting for more. Raises LiveEnded after the end."""
        before = self._frames.interruptions
        async with self._pushing:
            self._check_open()
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
        self._check_open()
        return self._frames.interrupt()

    def set_options(self, **changes: Any) -> EngineOptions:
        """Change options from the next frame on, and return all of them. Numbers glide to their new value.

        Raises OptionError for a value out of range, or an option that is fixed while the session runs;
        LiveEnded after the end.
        """
        self._check_open()
        self._options = changed_options(self._engine, self._options, changes)
        self._painting.change(self._options)
        return self._options

    async def run(self) -> AsyncIterator[LiveFrame]:
        """The session's frames, in order. Ends after `shutdown`.

        Raises LiveError while another reader runs, and LiveEnded if the session was ended for another reason.
        """
        if self._reading:
            raise LiveError("The live session is being read already. One reader at a time gets its frames.")
        self._reading = True
        try:
            self._frames.begin()
            while True:
                self._reader_waits = True
                frame = await self._frames.next()
                self._reader_waits, self._read_at = False, self._clock.now()
                if frame is None:
                    break
                yield frame
        except Exception as error:
            self._end(LiveEnded("The live session has ended because of an error: {error}", error=error))
            raise
        finally:
            self._reading = self._reader_waits = False
        if self._reason is not None:
            raise self._reason

    async def shutdown(self) -> None:
        """End the session and give back what it holds. A second call does nothing."""
        self._end(None)
        self._watcher.cancel()
        await asyncio.gather(self._watcher, return_exceptions=True)

    async def __aenter__(self) -> LiveSession:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shutdown()

    async def _watch(self, patience: float) -> None:
        """End the session when nothing reads its frames."""
        while not self._frames.over.is_set():
            await self._clock.wait(self._frames.over, patience / 4)
            now = self._clock.now()
            if self._reader_waits or not self._frames.owes:
                self._read_at = now
            elif now - self._read_at > patience:
                self._end(
                    LiveEnded(
                        "The live session has ended, because nothing read its frames for {seconds:.0f} s. "
                        "Open a new one.",
                        seconds=now - self._read_at,
                    )
                )

    def _end(self, reason: JoyStudioError | None) -> None:
        if not self._frames.over.is_set():
            self._reason = reason
            self._frames.end()

    def _check_open(self) -> None:
        if self._frames.over.is_set():
            raise self._reason or LiveEnded("The live session was shut down. Open a new one.")
