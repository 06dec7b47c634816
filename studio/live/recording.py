"""Records frames of a live session as a video with its own sound, signed like every video."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from media.errors import OutputError
from media.messages import Message, said
from studio.destination import prepare_place
from studio.events import Result
from studio.gallery.history import with_history
from studio.live.frame import LiveFrame
from studio.live.recorded_frames import RecordedFrames
from studio.provenance.origin import Origin, metadata
from studio.provenance.signing import Signer
from studio.settings import Settings

if TYPE_CHECKING:
    from media.sound.pushed import PushedSound
    from media.video import VideoWriter

SPEECH = "live"
"""In place of the name of a voice's file, in the result of a recording."""
_log = logging.getLogger("joystudio.live")


class LiveRecording:
    """One recording. `add` never waits: another thread writes. If that is too slow, pictures are left out.

    size: (width, height). origin: of the session; its voice gets a name of its own. picture: before the first
    frame. portrait: the name of its file, or "". owner: whose gallery gets the video.
    """

    def __init__(
        self,
        origin: Origin,
        picture: np.ndarray,
        fps: int,
        settings: Settings,
        *,
        owner: str = "",
        portrait: str = "",
    ) -> None:
        self.id = secrets.token_hex(8)
        self.frames = 0
        self._fps, self._settings, self._owner, self._portrait = fps, settings, owner, portrait
        # What is said is only known at its end, and no other video has this voice.
        voice = hashlib.sha256(f"live:{self.id}".encode()).hexdigest()
        self._origin = replace(origin, speech_sha256=voice)
        self._most = round(settings.live_record_minutes * 60 * fps)
        self._began = time.monotonic()
        self._picture = picture
        self._waiting = RecordedFrames(fps)
        self._writer: VideoWriter | None = None
        self._sound: PushedSound
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live-recording")
        self._opened: Future[None] = self._thread.submit(self._open)
        self._result: Future[Result] | None = None

    @classmethod
    async def begin(cls, *about: object, **more: str) -> LiveRecording:
        """Begin one. The arguments are those of the class. Raises OutputError if nothing can be written."""
        recording = cls(*about, **more)  # type: ignore[arg-type]
        try:
            await asyncio.wrap_future(recording._opened)
        except BaseException:
            recording._thread.submit(recording._abandon)  # a thread that opens a video cannot be stopped
            recording._thread.shutdown(wait=False)
            raise
        recording._result = recording._thread.submit(recording._write)
        return recording

    @property
    def full(self) -> bool:
        """Whether it is as long as the setting allows, or cannot be written fast enough: `finish` it."""
        return self.frames >= self._most or self._waiting.behind

    async def written(self) -> None:
        """Wait until nothing is written any more: after `finish`, or an error."""
        assert self._result is not None
        await asyncio.gather(asyncio.wrap_future(self._result), return_exceptions=True)

    def add(self, frame: LiveFrame, *, silenced: bool = False) -> None:
        """Add a frame; nothing after it is `full`. silenced: without its sound."""
        if not self.full and self._waiting.add(frame, silenced=silenced):
            self.frames += 1

    async def room(self) -> None:
        """Wait until the next frame can be recorded with its picture: for a session that can wait."""
        await self._waiting.room()

    async def finish(self) -> Result:
        """End it and keep the video. Raises OutputError if it could not be written; then no file is left."""
        assert self._result is not None
        self._waiting.end()
        self._thread.shutdown(wait=False)
        return await asyncio.shield(asyncio.wrap_future(self._result))

    # In the thread

    def _open(self) -> None:
        from media.sound.pushed import PushedSound
        from media.video import VideoWriter

        settings = self._settings
        path = settings.outputs / f"{self.id}.mp4"
        prepare_place(path, settings)
        height, width = self._picture.shape[:2]
        facts = self._origin.facts()
        self._signer = Signer(facts, settings)
        self._sound = PushedSound()
        self._writer = VideoWriter(
            path,
            (width, height),
            self._fps,
            sound=self._sound,
            quality=settings.quality,
            metadata=metadata(facts),
            seal=self._signer,
        )

    def _abandon(self) -> None:
        """Give up what was opened."""
        if self._writer is not None:
            self._sound.end()
            self._writer.abort()

    def _write(self) -> Result:
        writer, sound = self._writer, self._sound
        assert writer is not None
        try:
            with writer:
                try:
                    while (part := self._waiting.take()) is not None:
                        samples, rate, image = part
                        self._picture = self._picture if image is None else image
                        sound.add(samples, rate)
                        writer.write(self._picture[None])
                finally:
                    sound.end()  # the encoder waits for it
                    self._waiting.give_up()
                if not self.frames:
                    raise OutputError("The recording ended before its first picture, so there is no video.")
        except OutputError:
            raise
        except Exception as error:
            _log.error("A recording failed.", exc_info=error)
            raise OutputError("The recording could not be written: {reason}", reason=error) from error
        return self._remembered(writer.path)

    def _remembered(self, path: Path) -> Result:
        settings, signer = self._settings, self._signer
        height, width = self._picture.shape[:2]
        duration = float(Fraction(self.frames, self._fps))
        seconds = round(time.monotonic() - self._began, 3)
        result = Result.of(
            self._origin,
            job_id=self.id,
            path=path,
            frames=self.frames,
            fps=self._fps,
            size=(width, height),
            duration=duration,
            seconds=seconds,
            first_chunk_seconds=0.0,
            realtime_factor=round(seconds / duration, 4),
            portrait=self._portrait,
            speech=SPEECH,
            notes=tuple(filter(None, [*self._notes(), signer.note])),
            signed=signer.done,
            device=settings.device,
            incomplete=("signature",) if signer.failed else (),
        )
        return with_history(result, settings.history, settings.outputs, self._owner)

    def _notes(self) -> Iterator[Message]:
        if self._waiting.left_out:
            yield said(
                "The computer was too slow to write this recording: its picture stands still for "
                "{seconds:.1f} s in all.",
                seconds=self._waiting.left_out / self._fps,
            )
        if self._waiting.behind:
            yield said("The computer was too slow to write this recording, so it has ended early.")
