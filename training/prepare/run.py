"""Runs `prepare`: finds the videos, prepares those that are left, and reports their outcomes."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from training.dataset.index import write_index
from training.dataset.items import at_work, done_items, is_done, remove_parts, run_name
from training.dataset.lines import write_document
from training.prepare.folders import claim, find_tasks, unchanged_refusals
from training.prepare.kinds import make_preparer, preparer_of
from training.prepare.status import RUN
from training.prepare.work import ItemOutcome, PreparationPlan, PreparationWorker, Task, stamp


@dataclass(frozen=True)
class PreparationBegan:
    """total: videos to prepare in this run. done: existing items. refused: videos that a rule has refused
    before and that have not changed since.
    """

    total: int
    done: int
    refused: int


@dataclass(frozen=True)
class PreparationProgress:
    """Yielded after every video. done and failed: of this run. per_minute: videos. seconds_left:
    of the run.
    """

    outcome: ItemOutcome
    done: int
    failed: int
    total: int
    per_minute: float
    seconds_left: float


@dataclass(frozen=True)
class PreparationEnded:
    """The whole dataset. items: usable ones. refused: number of videos by the rule's code. notes: sentences
    with the number of items that each concerns.
    """

    root: Path
    items: int
    refused: Mapping[str, int]
    notes: Mapping[str, int]
    seconds: float


Event = PreparationBegan | PreparationProgress | PreparationEnded


@dataclass(frozen=True)
class PreparationPool:
    """The workers of a run. workers: None for one in this process. address: of a Ray cluster."""

    workers: int | None = None
    address: str | None = None
    device: str = "cpu"


def prepare_videos(
    videos: Path,
    root: Path,
    kind: str,
    pool: PreparationPool | None = None,
    *,
    resume: bool = False,
    part: tuple[int, int] | None = None,
) -> Generator[Event]:
    """Make a dataset of the videos below a folder. Closing the generator ends the run; finished items stay.

    resume: continue an existing dataset. part: (parts, number): only every `parts`-th video, for several runs
    at the same time, which also continue an existing dataset. Raises InputError for no videos, OptionError
    for a dataset that is in the way, DatasetError for a damaged one, WeightsMissing and WeightsError,
    OutputError when the disk is full.
    """
    pool, root = pool or PreparationPool(), root.absolute()
    place = preparer_of(kind)
    tasks = find_tasks(videos, root)[slice(None) if part is None else slice(part[1], None, part[0])]
    claim(root, kind, videos, place, resume=resume or part is not None)
    began = time.time()
    with at_work(root, run_name()):
        yield from _run(root, PreparationPlan(root, place, pool.device, run_name()), tasks, pool, began)
    yield finish(root, place, time.time() - began)


def _run(
    root: Path, plan: PreparationPlan, tasks: Sequence[Task], pool: PreparationPool, began: float
) -> Generator[PreparationBegan | PreparationProgress]:
    remove_parts(root, plan.run)
    refused = unchanged_refusals(root)
    left = [t for t in tasks if not is_done(root, t.name) and stamp(t.video) != refused.get(t.name)]
    done = sum(is_done(root, t.name) for t in tasks)
    yield PreparationBegan(len(left), done, len(tasks) - done - len(left))
    write_document(root / RUN, {"started": began, "videos": len(tasks), "left": len(left)})
    try:
        if left:
            yield from _progress(_outcomes(plan, left, pool), len(left))
    finally:
        remove_parts(root, plan.run)


def finish(root: Path, place: str, seconds: float) -> PreparationEnded:
    """Write the files over all items, and the lists."""
    notes: Counter[str] = Counter()
    names = []
    for facts in done_items(root):
        names.append(str(facts["name"]))
        notes.update(facts.get("notes", ()))
    test = make_preparer(place).finish(root, names) if names else ()
    counts = write_index(root, test)
    refused = {code: number for code, number in counts.most_common() if code != "done"}
    return PreparationEnded(root, len(names), refused, dict(notes), seconds)


def _outcomes(plan: PreparationPlan, tasks: Sequence[Task], pool: PreparationPool) -> Generator[ItemOutcome]:
    if pool.address is not None or (pool.workers or 1) > 1:
        from importlib.util import find_spec

        if pool.address is None and find_spec("ray") is None:
            from training.prepare.in_processes import prepare_in_processes

            workers = pool.workers or 1
            threads = max(1, (os.cpu_count() or 1) // workers)
            return prepare_in_processes(replace(plan, threads=threads), tasks, workers)
        from training.prepare.with_ray import prepare_with_ray

        return prepare_with_ray(plan, tasks, pool.workers, pool.address)
    return _one_by_one(plan, tasks)


def _one_by_one(plan: PreparationPlan, tasks: Sequence[Task]) -> Generator[ItemOutcome]:
    worker = PreparationWorker(plan)
    for task in tasks:
        yield worker.prepare(task)


def _progress(outcomes: Generator[ItemOutcome], total: int) -> Generator[PreparationProgress]:
    began, done, failed = time.monotonic(), 0, 0
    with closing(outcomes):
        for outcome in outcomes:
            failed += bool(outcome.code)
            done += not outcome.code
            seconds = max(time.monotonic() - began, 1e-6)
            over = done + failed
            yield PreparationProgress(
                outcome, done, failed, total, 60 * over / seconds, seconds / over * (total - over)
            )
