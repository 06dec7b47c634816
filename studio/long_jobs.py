"""Finds jobs that take longer than a user waits, and says so: the one rule of every entry point.

The page and a terminal ask, and everything else refuses until its user accepts the time. The rule
counts what one user waits for: a video, or all columns of a comparison. A list of videos may take days, so it
counts each of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from media.errors import JoyStudioError, OptionError
from media.messages import Message, said
from speech.languages import HAN, script_of
from studio.dubbing.job import DubJob
from studio.estimate import Estimate, estimate
from studio.given_performance import open_performance
from studio.settings import Settings
from studio.weights_report import report_weights

if TYPE_CHECKING:
    from studio.job import Job

    AnyJob: TypeAlias = Job | DubJob

PER_SECOND = {"han": 4.0, "digit": 2.0, "other": 14.0}
"""Approximate characters per second of a text that is read aloud, so that an estimate need not speak it. A
Chinese character is a syllable, and a digit is a word.
"""
ACCEPT = "send accept_long=true"
"""How a program starts long work, for `check_practical`."""
MOST_LOOKED_AT = 100
"""Number of voices in a list that are opened before the work, which takes milliseconds for each."""
BYTES_PER_SECOND, VIDEO_BYTES_PER_SECOND = 32_000, 500_000
"""Of a voice, and of a video, in an ordinary file."""
_WORDS = {
    (True, True): (
        "The video would take about {time}, which is not practical on this processor. Use a shorter voice, "
        "the engine Express (preview), or a computer with a GPU."
    ),
    (False, True): (
        "The video would take about {time}. Use a shorter voice, fewer steps, or the engine Express "
        "(preview)."
    ),
    (True, False): (
        "The videos would take about {time} in all, which is not practical on this processor. Use a shorter "
        "voice, the engine Express (preview), or a computer with a GPU."
    ),
    (False, False): (
        "The videos would take about {time} in all. Use a shorter voice, fewer steps, or the engine Express "
        "(preview)."
    ),
}
"""By whether the networks run on the processor, and whether it is one video."""
_QUICK = {
    (True, True): "The dub would take about {time}. Use a shorter or a smaller video.",
    (False, True): "The video would take about {time}. Use a shorter voice or a smaller portrait.",
    (False, False): "The videos would take about {time} in all. Use shorter voices or smaller portraits.",
    (True, False): "The dubs would take about {time} in all. Use shorter or smaller videos.",
}
"""The same for an engine without networks, which no other one replaces: by whether they are dubs, and whether
it is one."""
_DUB = {
    True: (
        "The dub would take about {time}, which is not practical on this processor. Use a shorter video, the "
        "engine Express (preview), or a computer with a GPU."
    ),
    False: "The dub would take about {time}. Use a shorter video, or the engine Express (preview).",
}
"""The same for one dub."""


_Seconds = Callable[[Path, int | None], float]
"""Gives the length of one of a voice's audio tracks."""


def expected(job: AnyJob, settings: Settings, voice: float | None = None) -> Estimate | None:
    """The time that a job takes; None for an invalid job, and for missing weights, which report their own
    error.

    voice: its seconds, if they are known.
    """
    return expected_together([job], settings, voice)


def _expected(job: AnyJob, settings: Settings, voice: float | None, seconds: _Seconds) -> Estimate | None:
    report = report_weights(job.engine)
    if report is not None and not report.ready:
        return None
    try:
        if isinstance(job, DubJob):
            return _estimated_dub(job, settings, voice, seconds)
        return _estimated(job, settings, voice, seconds)
    except JoyStudioError:
        return None


def _estimated(job: Job, settings: Settings, voice: float | None, seconds: _Seconds) -> Estimate:
    if job.spoken is not None:
        voice = reading_time(job.spoken.text) / job.spoken.speed
    elif job.voice is None and job.performance is not None:
        voice = open_performance(job.performance, job.engine, settings).performance.duration
    elif voice is None:
        assert job.voice is not None
        voice = seconds(job.voice, job.audio_track)
    portrait = None if isinstance(job.portrait, bytes) else job.portrait
    if job.second_voice is not None:
        begins = voice if job.second_start is None else job.second_start
        voice = max(voice, begins + seconds(job.second_voice, None))
    found = estimate(job.engine, job.options, voice, portrait=portrait, settings=settings)
    # Each of two faces is rendered for the whole length.
    return replace(found, seconds=2 * found.seconds) if job.two_voices else found


def _estimated_dub(job: DubJob, settings: Settings, voice: float | None, seconds: _Seconds) -> Estimate:
    from studio.dubbing.cost import estimate_dub
    from studio.dubbing.view import most_faces, view_video

    if job.spoken is not None:
        voice = reading_time(job.spoken.text) / job.spoken.speed
    elif voice is None:
        assert job.voice is not None
        voice = seconds(job.voice, job.audio_track)
    view = view_video(job.video, settings)
    faces = most_faces(job.video, view, settings) if job.person == "all" else 1
    return estimate_dub(
        job.engine, job.options, view, voice, sync_mode=job.sync_mode, faces=faces, settings=settings
    )


def _seconds(settings: Settings, voice: Path, track: int | None) -> float:
    from studio.voice_view import view_voice

    return view_voice(voice, settings=settings, track=track).duration


def reading_time(text: str) -> float:
    """Approximate seconds of a text at the usual speed."""
    kinds = ("digit" if sign.isdigit() else "han" if script_of(sign) == HAN else "other" for sign in text)
    return sum(1 / PER_SECOND[kind] for kind in kinds)


def expected_together(
    jobs: Iterable[AnyJob], settings: Settings, voice: float | None = None
) -> Estimate | None:
    """The time of several jobs, one after the other; None if none of them can be estimated.

    voice: the seconds of their one voice, if they are known. A voice of several jobs is opened once.
    """
    seconds: _Seconds = cache(partial(_seconds, settings))
    weighed = (_expected(job, settings, voice, seconds) for job in jobs)
    found = [one for one in weighed if one is not None]
    if not found:
        return None
    return Estimate(
        sum(one.seconds for one in found),
        all(one.measured for one in found),
        found[0].device,
        any(one.networks for one in found),
    )


def longest(jobs: Sequence[AnyJob], settings: Settings) -> tuple[AnyJob, Estimate] | None:
    """The job of a list that takes longest, by the estimates for its largest voices; None as `expected`."""
    first = heapq.nlargest(MOST_LOOKED_AT, jobs, key=_size)
    found = [(job, one) for job in first if (one := expected(job, settings)) is not None]
    return max(found, key=lambda one: one[1].seconds, default=None)


def _size(job: AnyJob) -> float:
    """Bytes of the voice's file, which say well enough which voices of a list are the longest; for a dub, as
    many as a voice of its video's length has, if that is longer.
    """
    spoken = reading_time(job.spoken.text) * BYTES_PER_SECOND if job.spoken is not None else 0.0
    if isinstance(job, DubJob):
        video = _bytes(job.video) * BYTES_PER_SECOND / VIDEO_BYTES_PER_SECOND
        return max(video, spoken, _bytes(job.voice))
    performance = job.performance.file if job.performance is not None else None  # has about as many bytes
    return spoken or _bytes(job.voice or performance)


def _bytes(file: Path | None) -> float:
    try:
        return float(file.stat().st_size) if file is not None else 0.0
    except (OSError, ValueError):  # the job reports it
        return 0.0


def check_practical(jobs: Sequence[AnyJob], settings: Settings, how: str) -> None:
    """Raise OptionError for jobs that together take more than half an hour. how: what the user does to start
    them anyway.
    """
    found = expected_together(jobs, settings)
    if found is not None and not found.practical:
        raise refusal(long_words(jobs, found), how)


def refusal(words: Message, how: str) -> OptionError:
    """The error of an entry point that cannot ask. words: of `long_job_words`. how: as `check_practical`."""
    return OptionError("{words} To start anyway, {how}.", words=words, how=how)


def long_words(jobs: Sequence[AnyJob], found: Estimate) -> Message:
    """The message for these jobs, if they take too long here. found: of `expected_together`."""
    return long_job_words(found, len(jobs), dub=all(isinstance(job, DubJob) for job in jobs))


def long_job_words(found: Estimate, count: int = 1, *, dub: bool = False) -> Message:
    """The message for work that takes too long here, with its time and the next step.

    count: of videos. dub: whether all of them are dubs.
    """
    if not found.networks:
        return said(_QUICK[dub, count == 1], time=time_in_words(found.seconds))
    if dub and count == 1:
        return said(_DUB[found.device == "cpu"], time=time_in_words(found.seconds))
    return said(_WORDS[found.device == "cpu", count == 1], time=time_in_words(found.seconds))


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
