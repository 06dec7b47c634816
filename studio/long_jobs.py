"""Jobs that take longer than a person waits: what to say of them, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engines import registry
from media.errors import JoyStudioError, OptionError
from media.messages import Message, said
from studio.estimate import Estimate, estimate
from studio.settings import Settings
from studio.weights_report import report_weights

if TYPE_CHECKING:
    from studio.job import Job

CHARACTERS_PER_SECOND = 14.0
"""Of a text that is read aloud, roughly, so that it need not be spoken for an estimate."""


def expected(job: Job, settings: Settings) -> Estimate | None:
    """The time that a job takes; None for an engine without networks, whose jobs are short.

    None as well where the job cannot be made at all: it says why itself.
    """
    report = report_weights(job.engine)
    if registry.spec_of(job.engine).cost is None or (report is not None and not report.ready):
        return None
    try:
        return _expected(job, settings)
    except JoyStudioError:
        return None


def _expected(job: Job, settings: Settings) -> Estimate:
    if job.spoken is not None:
        voice = len(job.spoken.text) / CHARACTERS_PER_SECOND
    else:
        from studio.voice_view import view_voice

        assert job.voice is not None  # a job has one of the two
        voice = view_voice(job.voice, settings=settings, track=job.audio_track).duration
    portrait = None if isinstance(job.portrait, bytes) else job.portrait
    return estimate(job.engine, job.options, voice, portrait=portrait, settings=settings)


def check_practical(job: Job, settings: Settings, how: str) -> None:
    """Raises OptionError for a job of more than half an hour. how: what to do to start it all the same."""
    found = expected(job, settings)
    if found is not None and not found.practical:
        raise OptionError(
            "The video would take about {time}, which is not practical on this machine. Use a shorter voice, "
            "the preview engine, or a computer with a GPU. To start it anyway, {how}.",
            time=time_in_words(found.seconds),
            how=how,
        )


def long_job_words(found: Estimate) -> Message:
    """That a job is not practical here, with its time and what to do."""
    if found.device == "cpu":
        return said(
            "The video would take about {time}, which is not practical on this processor. Use a shorter "
            "voice, the preview engine, or a computer with a GPU.",
            time=time_in_words(found.seconds),
        )
    return said(
        "The video would take about {time}. Use a shorter voice, fewer steps, or the preview engine.",
        time=time_in_words(found.seconds),
    )


def time_in_words(seconds: float) -> Message:
    """Seconds as people say them: "0.4 s", "12 s", "3 min 05 s", "2 h 10 min"."""
    if seconds < 9.95:
        return said("{seconds:.1f} s", seconds=seconds)
    whole = round(seconds)
    if whole < 60:
        return said("{seconds} s", seconds=whole)
    if whole < 3600:
        return said("{minutes} min {seconds:02d} s", minutes=whole // 60, seconds=whole % 60)
    return said("{hours} h {minutes:02d} min", hours=whole // 3600, minutes=whole % 3600 // 60)
