"""Who makes the videos: this process, or workers of a Ray cluster."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass

from studio.batch.attempt import Fault, attempt
from studio.events import Result
from studio.job import Job
from studio.settings import Settings


@dataclass(frozen=True)
class BatchPlan:
    """How many workers there should be, and where.

    address: of a Ray cluster; None stays on this machine. workers: 0 and 1 are this process itself; None is
    that, too, or with an address as many as the cluster has room for. cores and gpus are those of one worker;
    gpus None is 1 where JOYSTUDIO_DEVICE is a GPU, else 0, and may be a share such as 0.5.
    """

    address: str | None = None
    workers: int | None = None
    cores: float = 1.0
    gpus: float | None = None

    @property
    def alone(self) -> bool:
        """Whether this process does the work itself."""
        return self.address is None and (self.workers or 0) <= 1


@dataclass(frozen=True)
class JobProgress:
    """A job is so far, 0..1."""

    key: int
    fraction: float


@dataclass(frozen=True)
class JobReport:
    """A job has come to an end. died: with its worker, so that its result is unknown."""

    key: int
    outcome: Result | Fault
    died: bool = False


class WorkerPool(ABC):
    """Takes jobs, each under a key, as long as it has room, and tells how they end."""

    workers: int = 1

    @abstractmethod
    def has_room(self) -> bool:
        """Whether a job that is given now begins at once."""

    @abstractmethod
    def give(self, key: int, job: Job) -> None:
        """Give a worker a job."""

    @abstractmethod
    def poll(self) -> Generator[JobProgress | JobReport, None, None]:
        """What has happened since, after waiting a moment for it. May be nothing."""

    def close(self) -> list[JobReport]:
        """Stop everything; gives what had come to an end and was not reported yet."""
        return []


class OwnProcess(WorkerPool):
    """One job after the other, here."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._given: tuple[int, Job] | None = None

    def has_room(self) -> bool:
        """Whether there is no job."""
        return self._given is None

    def give(self, key: int, job: Job) -> None:
        """Take a job; it begins with `poll`."""
        self._given = (key, job)

    def poll(self) -> Generator[JobProgress | JobReport, None, None]:
        """The whole job."""
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
