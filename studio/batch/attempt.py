"""One attempt to make a video, and whether another attempt could succeed."""

from __future__ import annotations

import os
import traceback
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass

from media.errors import InputError, JoyStudioError, WeightsMissing
from studio.dubbing.events import DubFinished
from studio.dubbing.job import DubJob
from studio.dubbing.recorded import as_video
from studio.events import Finished, Progress, Result
from studio.job import Job
from studio.run import run
from studio.settings import Settings

HOPELESS = (InputError, WeightsMissing)
"""Errors that stay until someone changes the list or the machine."""


@dataclass(frozen=True)
class Fault:
    """Why there is no video.

    hopeless: another attempt would end the same way. trace: the traceback of a fault in the program.
    """

    reason: str
    hopeless: bool = False
    trace: str = ""


def attempt(job: Job | DubJob, settings: Settings) -> Generator[float, None, Result | Fault]:
    """Try to make a video; yields the completed fraction, 0..1. Closing the generator leaves no partial file.

    The process that collects the results writes the history, not this one.
    """
    try:
        with closing(_made(job, settings)) as work:
            for step in work:
                if isinstance(step, Result):
                    return step
                yield step
    except JoyStudioError as error:
        return Fault(" ".join(str(error).split()), isinstance(error, HOPELESS))
    except Exception as error:  # an error in the program costs one line of a list, not the list
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        return Fault(reason, trace="".join(traceback.format_exception(error)))
    return Fault("The engine ended without a video.")


def _made(job: Job | DubJob, settings: Settings) -> Generator[float | Result, None, None]:
    """The completed fraction as it grows, then the video."""
    if isinstance(job, DubJob):
        from studio.dubbing.run import run_dub  # late: most lists have no dubs

        with closing(run_dub(job, settings)) as dubbing:
            for step in dubbing:
                if isinstance(step, Progress):
                    yield step.fraction
                elif isinstance(step, DubFinished):
                    yield as_video(step.result, job, settings)
        return
    with closing(run(job, settings, remembered=False)) as events:
        for event in events:
            if isinstance(event, Progress):
                yield event.fraction
            elif isinstance(event, Finished):
                yield event.result


class JobWorker:
    """Runs in its own process and keeps its engines loaded between jobs."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """environment: variables of the parent process, such as the folder of the weights."""
        os.environ.update(environment)
        self._settings = settings

    def make(self, job: Job | DubJob) -> Result | Fault:
        """Make a video. Returns the result or the reason why there is none."""
        work = attempt(job, self._settings)
        while True:
            try:
                next(work)
            except StopIteration as end:
                outcome: Result | Fault = end.value
                return outcome
