"""Workers of a Ray cluster, or of a Ray on this machine alone, as a pipeline of Ray Data.

Tasks that only need cores decode the videos and look for faces; actors that hold the networks make the items
of what they leave. Ray Data keeps no more decoded videos waiting than the actors can take, and gives what a
lost process was at to another. All machines must see the videos and the dataset under the same paths.
"""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from cluster.ray_session import ray_session
from media.errors import JoyStudioError
from training.prepare.kinds import make_preparer
from training.prepare.preparer import StagedPreparer
from training.prepare.work import Outcome, Plan, Task, Worker

MOST_BLOCKS = 10_000
"""Pieces that the list of videos is cut into; one video each as long as there are not more."""

Row = dict[str, Any]


def prepare_with_ray(
    plan: Plan, tasks: Sequence[Task], workers: int | None, address: str | None
) -> Generator[Outcome]:
    """Prepare videos with so many workers; outcomes as they come.

    address: of a cluster; None starts a Ray on this machine for as long as this takes. workers: how many
    actors hold networks; None for one for each GPU of the cluster, or for each core where there is none.
    Raises OptionError when Ray is not there, and what ends a run, such as WeightsMissing.
    """
    with ray_session(address, cpus=workers if address is None else None) as ray:
        gpus = int(ray.cluster_resources().get("GPU", 0)) if plan.device.startswith("cuda") else 0
        cores = int(ray.cluster_resources().get("CPU", 1))
        try:
            for row in _pipeline(ray, plan, tasks, workers or gpus or cores, gpus).iter_rows():
                yield Outcome(row["name"], row["source"], row["code"], row["reason"])
        except Exception as error:
            raise _own_error(error) or error from None


def _pipeline(ray: ModuleType, plan: Plan, tasks: Sequence[Task], actors: int, gpus: int) -> Any:
    import ray.data as data

    context = data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)  # our own summary tells what became of it
    rows = [_row(task) for task in tasks]
    videos = data.from_items(rows, override_num_blocks=min(len(rows), MOST_BLOCKS))
    staged = isinstance(make_preparer(plan.preparer), StagedPreparer)
    if staged:
        videos = videos.map(_Reading(plan), num_cpus=1)
    # A GPU is an actor's own. Without one the cores belong to the readers, where there are any: they have
    # the larger half of the work, and the actors would otherwise leave them none.
    share: dict[str, Any] = (
        {"num_gpus": min(1.0, gpus / actors)} if gpus else {"num_cpus": 0 if staged else 1}
    )
    pool = data.ActorPoolStrategy(size=actors)
    return videos.map(_Preparing, fn_constructor_args=(plan,), compute=pool, **share)


class _Reading:
    """The half without networks, as a task."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __call__(self, row: Row) -> Row:
        read = Worker(self._plan, load=False).read(_task(row))
        return _outcome_row(read) if isinstance(read, Outcome) else _row(read)


class _Preparing:
    """The half with networks, as an actor."""

    def __init__(self, plan: Plan) -> None:
        self._worker = Worker(plan)

    def __call__(self, row: Row) -> Row:
        return row if row["over"] else _outcome_row(self._worker.prepare(_task(row)))


def _row(task: Task) -> Row:
    return {
        "video": str(task.video),
        "source": task.source,
        "name": task.name,
        "part": str(task.part or ""),
        "over": False,
        "code": "",
        "reason": "",
    }


def _outcome_row(outcome: Outcome) -> Row:
    row = _row(Task(Path(), outcome.source, outcome.name))
    return {**row, "over": True, "code": outcome.code, "reason": outcome.reason}


def _task(row: Row) -> Task:
    task = Task(Path(row["video"]), row["source"], row["name"])
    return replace(task, part=Path(row["part"])) if row["part"] else task


def _own_error(error: BaseException | None) -> JoyStudioError | None:
    """The error of ours that Ray has wrapped, perhaps several times."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, JoyStudioError):
            return type(error)(str(error.args[0] if error.args else error))
        seen.add(id(error))
        error = getattr(error, "cause", None) or error.__cause__ or error.__context__
    return None
