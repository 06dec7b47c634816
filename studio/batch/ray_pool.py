"""Workers of a Ray cluster. Each keeps its engines loaded; a worker that dies is replaced."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from types import ModuleType
from typing import Any

from media.errors import OptionError
from studio.batch.attempt import Fault, JobWorker
from studio.batch.pool import BatchPlan, JobProgress, JobReport, WorkerPool
from studio.dubbing.job import DubJob
from studio.job import Job
from studio.settings import Settings

PATIENCE = 0.5
"""Seconds after which waiting for reports ends, to update the time left and notice Ctrl-C."""


class RayPool(WorkerPool):
    """As many workers as the plan says or the cluster has room for, with one job each.

    No jobs wait inside the cluster: a list of any length takes no memory there, and a worker's death costs
    only its one job.
    """

    def __init__(
        self, ray: ModuleType, plan: BatchPlan, settings: Settings, environment: Mapping[str, str]
    ) -> None:
        """Raises OptionError if no machine has room for one worker."""
        self._ray = ray
        on_gpu = settings.device.startswith("cuda")
        gpus = (1.0 if on_gpu else 0.0) if plan.gpus is None else plan.gpus
        if gpus:  # Ray shows a worker its own GPU only, as the first
            settings = settings.model_copy(update={"device": settings.device.partition(":")[0]})
        self._settings, self._environment = settings, dict(environment)
        self._worker = ray.remote(JobWorker).options(num_cpus=plan.cores, num_gpus=gpus, max_restarts=0)
        room = _room(ray, plan.cores, gpus)
        if room < 1:
            raise OptionError(
                "No machine of the cluster has {cores:g} cores and {gpus:g} GPUs for a worker. Ask for "
                "fewer with --cores-per-worker and --gpus-per-worker.",
                cores=plan.cores,
                gpus=gpus,
            )
        self.workers = min(room, plan.workers or room)
        self._idle = [self._start_worker() for _ in range(self.workers)]
        self._busy: dict[Any, tuple[int, Any]] = {}
        self._ended: list[JobReport] = []

    def has_room(self) -> bool:
        """Whether a worker is idle."""
        return bool(self._idle)

    def give(self, key: int, job: Job | DubJob) -> None:
        """Give a job to an idle worker."""
        worker = self._idle.pop()
        self._busy[worker.make.remote(job)] = (key, worker)

    def poll(self) -> Generator[JobProgress | JobReport, None, None]:
        """Every job that has ended, after waiting at most half a second for one."""
        self._gather(PATIENCE)
        while self._ended:
            yield self._ended.pop(0)

    def close(self) -> list[JobReport]:
        """End all workers; a running job leaves no file under its video's name."""
        self._gather(0)
        for worker in [*self._idle, *(worker for _, worker in self._busy.values())]:
            self._ray.kill(worker)
        self._idle, self._busy = [], {}
        return self._ended

    def _gather(self, seconds: float) -> None:
        if not self._busy:
            return
        ready, _ = self._ray.wait(list(self._busy), num_returns=1, timeout=seconds)
        if ready:
            ready, _ = self._ray.wait(list(self._busy), num_returns=len(self._busy), timeout=0)
        self._ended += [self._collect(reference) for reference in ready]

    def _collect(self, reference: Any) -> JobReport:
        key, worker = self._busy.pop(reference)
        errors = self._ray.exceptions
        try:
            outcome = self._ray.get(reference)
        except (errors.RayActorError, errors.OutOfMemoryError) as error:
            self._idle.append(self._start_worker())
            fault = Fault("Its worker's process ended in the middle of it.", trace=str(error))
            return JobReport(key, fault, died=True)
        except errors.RayError as error:  # this process cannot read what the worker sent
            outcome = Fault(" ".join(str(error).split())[:500])
        self._idle.append(worker)
        return JobReport(key, outcome)

    def _start_worker(self) -> Any:
        return self._worker.remote(self._settings, self._environment)


def _room(ray: ModuleType, cores: float, gpus: float) -> int:
    """The number of workers that fit on the available machines."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    fits = [
        min(
            machine.get(kind, 0.0) / each if each else float("inf")
            for kind, each in (("CPU", cores), ("GPU", gpus))
        )
        for machine in machines
    ]
    return sum(int(fit + 1e-9) for fit in fits if fit != float("inf"))
