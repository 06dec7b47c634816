"""Finds jobs that take longer than a user waits, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engines import registry
from media.errors import JoyStudioError, OptionError
from media.messages import Message, said
from speech.languages import HAN, script_of
from studio.estimate import Estimate, estimate
from studio.settings import Settings
from studio.weights_report import report_weights

if TYPE_CHECKING:
    from studio.job import Job

PER_SECOND = {"han": 4.0, "digit": 2.0, "other": 14.0}
"""Approximate characters per second of a text that is read aloud, so that an estimate need not speak it. A
Chinese character is a syllable, and a digit is a word.
"""


def expected(job: Job, settings: Settings) -> Estimate | None:
    """The time that a job takes; None for an engine without networks, whose jobs are short.

    Also None for an invalid job, which reports its own error.
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
        voice = reading_time(job.spoken.text) / job.spoken.speed
    else:
        from studio.voice_view import view_voice

        assert job.voice is not None  # a job has one of the two
        voice = view_voice(job.voice, settings=settings, track=job.audio_track).duration
    portrait = None if isinstance(job.portrait, bytes) else job.portrait
    return estimate(job.engine, job.options, voice, portrait=portrait, settings=settings)


def reading_time(text: str) -> float:
    """Approximate seconds of a text at the usual speed."""
    kinds = ("digit" if sign.isdigit() else "han" if script_of(sign) == HAN else "other" for sign in text)
    return sum(1 / PER_SECOND[kind] for kind in kinds)


def check_practical(job: Job, settings: Settings, how: str) -> None:
    """Raise OptionError for a job of more than half an hour. how: what the user does to start it anyway."""
    found = expected(job, settings)
    if found is not None and not found.practical:
        raise OptionError(
            "The video would take about {time}, which is not practical on this machine. Use a shorter voice, "
            "the preview engine, or a computer with a GPU. To start it anyway, {how}.",
            time=time_in_words(found.seconds),
            how=how,
        )


def long_job_words(found: Estimate) -> Message:
    """The message for a job that takes too long here, with its time and the next step."""
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
    """A time as people say it: "0.4 s", "12 s", "3 min 05 s", "2 h 10 min"."""
    if seconds < 9.95:
        return said("{seconds:.1f} s", seconds=seconds)
    whole = round(seconds)
    if whole < 60:
        return said("{seconds} s", seconds=whole)
    if whole < 3600:
        return said("{minutes} min {seconds:02d} s", minutes=whole // 60, seconds=whole % 60)
    return said("{hours} h {minutes:02d} min", hours=whole // 3600, minutes=whole % 3600 // 60)
