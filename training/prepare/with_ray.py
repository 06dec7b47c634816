"""Workers of a Ray cluster, or of a Ray on this machine alone, as a pipeline of Ray Data.

Tasks that only need cores decode the videos and look for faces; actors that hold the networks make the items
of what they leave. What a lost process was at goes to another. Decoded videos wait on the disk, where Ray
Data does not see how large they are, so tickets keep the readers from running ahead. All machines must see
the videos and the dataset under the same paths.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import Generator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from media import errors
from media.errors import JoyStudioError
from media.ray_session import ray_session
from training.prepare.kinds import make_preparer
from training.prepare.preparer import StagedPreparer
from training.prepare.work import ItemOutcome, PreparationPlan, PreparationWorker, Task

AHEAD = 2
"""Unfinished videos that may have been read for each actor, including those in work."""

Row = dict[str, Any]


def prepare_with_ray(
    plan: PreparationPlan, tasks: Sequence[Task], workers: int | None, address: str | None
) -> Generator[ItemOutcome]:
    """Prepare videos with `workers` workers; yields outcomes as they arrive.

    address: of a cluster; None starts Ray on this machine for the length of the run. workers: how many actors
    have networks; None for one per GPU of the cluster, or per core if it has no GPU. Raises OptionError if
    Ray is missing, and errors that end a run, such as WeightsMissing.
    """
    # Ray logs every restart of an actor, although Ray Data handles it.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    with ray_session(address, cpus=workers if address is None else None) as ray:
        gpus = int(ray.cluster_resources().get("GPU", 0)) if plan.device.startswith("cuda") else 0
        cores = int(ray.cluster_resources().get("CPU", 1))
        for row in _pipeline(ray, plan, tasks, workers or gpus or cores, gpus).iter_rows():
            if row["fatal"]:
                raise getattr(errors, row["fatal"])(row["reason"])
            yield ItemOutcome(row["name"], row["source"], row["code"], row["reason"])


def _pipeline(ray: ModuleType, plan: PreparationPlan, tasks: Sequence[Task], actors: int, gpus: int) -> Any:
    import ray.data as data

    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # the run's own summary reports the outcome
    rows = [_row(task) for task in tasks]
    # Blocks of one: a reader passes on a block when it is complete, and would wait for tickets before that.
    videos = data.from_items(rows, override_num_blocks=len(rows))
    staged = isinstance(make_preparer(plan.preparer), StagedPreparer)
    tickets = _Tickets(ray, AHEAD * actors + 1) if staged else None
    if tickets is not None:
        videos = videos.map(_ReadingTask(plan, tickets), num_cpus=1)
    # A GPU is an actor's own. Without one the cores belong to the readers, where there are any: they have
    # the larger half of the work, and the actors would otherwise leave them none.
    share: dict[str, Any] = {"num_cpus": 0 if staged else 1}
    if gpus:
        share["num_gpus"] = 1 / math.ceil(actors / gpus)
    pool = data.ActorPoolStrategy(size=actors)
    return videos.map(_Preparing, fn_constructor_args=(plan, tickets), compute=pool, **share)


class _ReadingTask:
    """The half without networks, as a task."""

    def __init__(self, plan: PreparationPlan, tickets: _Tickets) -> None:
        self._plan = plan
        self._tickets = tickets

    def __call__(self, row: Row) -> Row:
        self._tickets.take(row["name"])
        try:
            read = _reader(self._plan).read(_task(row))
        except JoyStudioError as error:
            return _fatal_row(row, error)
        if isinstance(read, ItemOutcome):
            self._tickets.give_back(read.name)
            return _outcome_row(read)
        return _row(read)


class _Tickets:
    """A limited number of tickets, one for every video between the reader and the end of the actor's work.

    They have names: a video that is begun again after a process was lost still has its ticket.
    """

    def __init__(self, ray: ModuleType, count: int) -> None:
        desk = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Desk)
        self._desk: Any = desk.remote(count)

    def take(self, name: str) -> None:
        """Wait for one."""
        import ray

        ray.get(self._desk.take.remote(name))

    def give_back(self, name: str) -> None:
        """Return a ticket for other videos."""
        self._desk.give_back.remote(name)


class _Desk:
    """The actor that keeps the tickets and answers many calls at once."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._held: set[str] = set()
        self._changed = asyncio.Condition()

    async def take(self, name: str) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: name in self._held or len(self._held) < self._count)
            self._held.add(name)

    async def give_back(self, name: str) -> None:
        async with self._changed:
            self._held.discard(name)
            self._changed.notify_all()


@cache
def _reader(plan: PreparationPlan) -> PreparationWorker:
    """One for each process, which reads many videos."""
    return PreparationWorker(plan, load=False)


class _Preparing:
    """The half with networks, as an actor."""

    def __init__(self, plan: PreparationPlan, tickets: _Tickets | None) -> None:
        self._tickets = tickets
        self._worker: PreparationWorker | JoyStudioError
        try:
            self._worker = PreparationWorker(plan)
        except JoyStudioError as error:  # Ray would restart an actor that cannot start again and again
            self._worker = error

    def __call__(self, row: Row) -> Row:
        if row["over"]:
            return row
        if isinstance(self._worker, JoyStudioError):
            return _fatal_row(row, self._worker)
        try:
            return _outcome_row(self._worker.prepare(_task(row)))
        except JoyStudioError as error:
            return _fatal_row(row, error)
        finally:
            if self._tickets is not None:
                self._tickets.give_back(row["name"])


def _row(task: Task) -> Row:
    return {
        "video": str(task.video),
        "source": task.source,
        "name": task.name,
        "part": str(task.part or ""),
        "over": False,
        "fatal": "",
        "code": "",
        "reason": "",
    }


def _outcome_row(outcome: ItemOutcome) -> Row:
    row = _row(Task(Path(), outcome.source, outcome.name))
    return {**row, "over": True, "code": outcome.code, "reason": outcome.reason}


def _fatal_row(row: Row, error: JoyStudioError) -> Row:
    """The row for an error that affects every video and ends the run."""
    return {**row, "over": True, "fatal": type(error).__name__, "reason": str(error)}


def _task(row: Row) -> Task:
    task = Task(Path(row["video"]), row["source"], row["name"])
    return replace(task, part=Path(row["part"])) if row["part"] else task
