"""One attempt at one video, and whether another could do better."""

from __future__ import annotations

import os
import traceback
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass

from media.errors import InputError, JoyStudioError, WeightsMissing
from studio.events import Finished, Progress, Result
from studio.job import Job
from studio.run import run
from studio.settings import Settings

HOPELESS = (InputError, WeightsMissing)
"""What stays as it is until someone changes the list or the machine."""


@dataclass(frozen=True)
class Fault:
    """Why there is no video.

    hopeless: another attempt would end the same. trace: of an error that is the program's own.
    """

    reason: str
    hopeless: bool = False
    trace: str = ""


def attempt(job: Job, settings: Settings) -> Generator[float, None, Result | Fault]:
    """Try to make a video, yielding 0..1 of the work on the way. Closing it leaves no partial file.

    The history is not written here: the process that collects the results writes it.
    """
    try:
        with closing(run(job, settings, remembered=False)) as events:
            for event in events:
                if isinstance(event, Progress):
                    yield event.fraction
                elif isinstance(event, Finished):
                    return event.result
    except JoyStudioError as error:
        return Fault(" ".join(str(error).split()), isinstance(error, HOPELESS))
    except Exception as error:  # a fault of the program costs one line of a list, not the list
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        return Fault(reason, trace="".join(traceback.format_exception(error)))
    return Fault("The engine ended without a video.")


class JobWorker:
    """Lives in a process of its own and keeps its engines loaded from one job to the next."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """environment: variables of the process that sent it, such as where weights lie."""
        os.environ.update(environment)
        self._settings = settings

    def make(self, job: Job) -> Result | Fault:
        """Make a video, however it ends."""
        work = attempt(job, self._settings)
        while True:
            try:
                next(work)
            except StopIteration as end:
                outcome: Result | Fault = end.value
                return outcome
