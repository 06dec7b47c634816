"""The workers that make the videos: this process, or workers of a Ray cluster."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass

from studio.batch.attempt import Fault, attempt
from studio.dubbing.job import DubJob
from studio.events import Result
from studio.job import Job
from studio.settings import Settings


@dataclass(frozen=True)
class BatchPlan:
    """The number and place of workers.

    address: of a Ray cluster; None stays on this machine. workers: 0 and 1 mean this process; None means this
    process, or with an address as many as fit on the cluster. cores and gpus are per worker; gpus None is 1
    if JOYSTUDIO_DEVICE is a GPU, else 0, and may be a fraction such as 0.5.
    """

    address: str | None = None
    workers: int | None = None
    cores: float = 1.0
    gpus: float | None = None

    @property
    def alone(self) -> bool:
        """Whether this process makes the videos itself."""
        return self.address is None and (self.workers or 0) <= 1


@dataclass(frozen=True)
class JobProgress:
    """Progress of a job, 0..1."""

    key: int
    fraction: float


@dataclass(frozen=True)
class JobReport:
    """The end of a job. died: its worker died, so that the result is unknown."""

    key: int
    outcome: Result | Fault
    died: bool = False


class WorkerPool(ABC):
    """Accepts jobs, each with a key, while it has room, and reports how they end."""

    workers: int = 1

    @abstractmethod
    def has_room(self) -> bool:
        """Whether the next job would start immediately."""

    @abstractmethod
    def give(self, key: int, job: Job | DubJob) -> None:
        """Give a job to a worker."""

    @abstractmethod
    def poll(self) -> Generator[JobProgress | JobReport, None, None]:
        """The events since the last call, after a short wait for new ones. There may be none."""

    def close(self) -> list[JobReport]:
        """Stop everything. Returns the jobs that had ended and were not yet reported."""
        return []


class OwnProcess(WorkerPool):
    """Runs one job after the other in this process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._given: tuple[int, Job | DubJob] | None = None

    def has_room(self) -> bool:
        """Whether no job is pending."""
        return self._given is None

    def give(self, key: int, job: Job | DubJob) -> None:
        """Accept a job; `poll` starts it."""
        self._given = (key, job)

    def poll(self) -> Generator[JobProgress | JobReport, None, None]:
        """Run the whole job."""
        if self._given is None:
            return
        key, job = self._given
        work = attempt(job, self._settings)
        try:
            while True:
                yield JobProgress(key, next(work))
        except StopIteration as end:
            self._given = None
            yield JobReport(key, end.value)
        finally:
            work.close()
