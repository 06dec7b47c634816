"""Reads everything a job needs before its first frame."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engines.loading import reporting_to
from media.errors import Cancelled
from studio.decoding import decoding_for
from studio.duet import Duet, animate_both
from studio.events import Progress
from studio.given_performance import notes_on, open_performance
from studio.hosting.spaces import engine_for
from studio.job import Job
from studio.motion import Settled, settle
from studio.provenance.origin import Origin
from studio.random_weights import NOTE, says_random
from studio.settings import Settings
from studio.spoken_text import SpokenText

if TYPE_CHECKING:
    from engines.base import Engine, Work
    from engines.performing import Performing
    from media.portrait import Portrait
    from media.two_voices import TwoVoices
    from media.voice import Voice


PATIENCE = 0.2
"""Seconds between two progress reports while reading."""


@dataclass(frozen=True)
class OpenedJob:
    """Everything a job needs before its first frame."""

    portrait: Portrait
    speech: Voice
    engine: Engine
    size: tuple[int, int]
    settled: Settled
    duet: Duet | None = None
    performing: Performing | None = None
    """A recorded performance that drives the face."""

    def animate(self, job: Job) -> Iterator[Work]:
        """The engine's work: for one face, or for both."""
        settled = self.settled
        if self.duet is not None:
            return animate_both(self.engine, self.duet, settled.options, job.seed)
        if self.performing is not None:
            return self.engine.perform(self.portrait, self.speech, settled.options, job.seed, self.performing)
        again = {"motion": settled.motion} if settled.motion else {}
        return self.engine.animate(self.portrait, self.speech, settled.options, job.seed, **again)

    @property
    def random_weights(self) -> bool:
        motion = self.settled.motion
        voice = self.speech.generated
        return (
            self.engine.random_weights
            or (motion is not None and says_random(motion.facts))
            or (voice is not None and says_random(voice))
        )

    def origin(self, job: Job) -> Origin:
        """The origin of the video."""
        return Origin.of(job, self.portrait, self.speech, self.settled, random_weights=self.random_weights)

    @property
    def notes(self) -> tuple[str, ...]:
        notes = self.portrait.notes + self.speech.notes + self.settled.notes
        if self.performing is not None:
            notes += notes_on(self.performing, self.speech)
        return notes + ((NOTE,) if self.random_weights else ())


class _Loading:
    """Progress of loading an engine, as another thread reports it."""

    def __init__(self) -> None:
        self.fraction = 0.0
        self.wanted = True

    def heard(self, fraction: float) -> None:
        """Called after each network. Raises Cancelled once the networks are no longer wanted."""
        if not self.wanted:
            raise Cancelled("The job was stopped.")
        self.fraction = fraction


def open_inputs(job: Job, settings: Settings) -> Generator[Progress, None, OpenedJob]:
    """Read portrait, voice and engine at the same time; the portrait's error is reported first.

    Closing the generator, or an error, ends the loading of an engine after the current network.
    """
    yield Progress("opening", 0.0, None, 0.0)
    sources = (
        (job.portrait, _open_portrait),
        (job.voice, open_voice),
        (job.second_voice, _open_second_voice),
    )
    for source, open_it in sources:
        if isinstance(source, Path) and not source.is_file():
            open_it(job, settings)  # reports it now, and not while large networks are loading
    performing = (
        open_performance(job.performance, job.engine, settings) if job.performance is not None else None
    )
    loading = _Loading()
    with ThreadPoolExecutor(3, thread_name_prefix="open") as pool:
        portrait = pool.submit(_open_portrait, job, settings)
        speech: Future[Any] = (
            pool.submit(_silence, performing.performance.duration)
            if performing is not None and job.voice is None and job.spoken is None
            else pool.submit(_open_voices if job.two_voices else open_voice, job, settings)
        )
        loads = pool.submit(copy_context().run, _load_engine, job, settings, loading)
        try:
            yield from _until_done(portrait, speech, loads, loading)
            picture, heard, engine = portrait.result(), speech.result(), loads.result()
        finally:
            loading.wanted = False
    duet = None
    voice: Voice = heard.heard if job.two_voices else heard
    if job.two_voices:
        from media.two_faces import two_faces

        portraits = two_faces(picture, job.second_face, from_left=job.stereo_voices)
        duet, picture = Duet(portraits, heard.said), portraits[0]
    settled = settle(job, voice)
    size = engine.picture_size(picture, settled.options)
    return OpenedJob(picture, voice, engine, size, settled, duet, performing)


def _until_done(
    portrait: Future[Portrait], speech: Future[Any], loads: Future[Engine], loading: _Loading
) -> Generator[Progress, None, None]:
    """Report progress until everything is read, or until the error to report is known."""
    while True:
        read = [future.done() for future in (portrait, speech)]
        if portrait.done():
            portrait.result()
            if speech.done():
                speech.result()
        if all(read) and loads.done():
            return
        yield (
            Progress("loading", 0.0, None, loading.fraction)
            if all(read)
            else Progress("opening", 0.0, None, sum(read) / len(read))
        )
        every: tuple[Future[Any], ...] = (portrait, speech, loads)
        left = [future for future in every if not future.done()]
        wait(left, PATIENCE, FIRST_COMPLETED)


def _load_engine(job: Job, settings: Settings, loading: _Loading) -> Engine:
    with reporting_to(loading.heard):
        engine = engine_for(job.engine, settings.device)
        engine.prepare_for(job.options)
        return engine


def _open_portrait(job: Job, settings: Settings) -> Portrait:
    from media.anchors import Anchors
    from media.portrait import open_portrait
    from studio.animal_advice import animal_advice

    return open_portrait(
        job.portrait,
        decoding=decoding_for(settings),
        subject=job.options.animation_mode,
        face_index=job.face_index,
        anchors=Anchors(*job.anchors) if job.anchors else None,
        max_side=settings.max_side,
        face_needed=job.options.needs_face,
        animal_advice=animal_advice(job.engine),
        edit=job.portrait_edit,
        two_speak=job.two_voices,
    )


def _silence(seconds: float) -> Voice:
    from media.voice import silent_speech

    return silent_speech(seconds)


def _open_voices(job: Job, settings: Settings) -> TwoVoices:
    from media.two_voices import joined, split

    first = open_voice(job, settings)
    if job.stereo_voices:
        return split(first)
    return joined(first, _open_second_voice(job, settings), job.second_start, settings.max_seconds)


def _open_second_voice(job: Job, settings: Settings) -> Voice:
    from media.voice import open_voice

    assert job.second_voice is not None
    return open_voice(job.second_voice, max_seconds=settings.max_seconds, decoding=decoding_for(settings))


class HasVoice(Protocol):
    """A job with a voice: a recording, or a text to speak."""

    @property
    def voice(self) -> Path | None: ...

    @property
    def spoken(self) -> SpokenText | None: ...

    @property
    def audio_track(self) -> int | None: ...


def open_voice(job: HasVoice, settings: Settings) -> Voice:
    """Read a job's voice, or speak its text. Raises InputError, VoiceError or TextError."""
    if job.spoken is not None:
        from studio.speaking import spoken_speech

        return spoken_speech(job.spoken, settings)
    from media.voice import open_voice

    assert job.voice is not None  # a job has one of the two

    return open_voice(
        job.voice,
        max_seconds=settings.max_seconds,
        decoding=decoding_for(settings),
        track=job.audio_track,
    )
